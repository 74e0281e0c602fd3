/* SPDX-License-Identifier: MIT */
#pragma once

/* What options do to terminals.  The rows are in termios_options.c. */

#include "opt/opt.h"

#include <termios.h>

/* The settings of one descriptor while the options of a phase are gathered: read
 * by the first option, edited by all, written once. */
struct terminal_edit {
	bool begun;
	struct termios settings;
	bool has_input, has_output; /* speeds that were asked for */
	speed_t input, output;
};

/* tcsetattr(2), when the output is drained; nothing if no option edited.  0 or
 * -errno with the sentence in err. */
int terminal_edit_write(struct terminal_edit *edit, int fd, struct err *err);

/* Actions that edit: target->settings is the struct terminal_edit.  args.offset is
 * the word or the character within struct termios, args.bit and args.mask say what
 * in the word. */
opt_action terminal_flag,	/* set or clear the bit */
	terminal_field,		/* mask := bit */
	terminal_number,	/* mask := value, which is not shifted */
	terminal_character,	/* c_cc */
	terminal_speed,		/* args.bit for both directions */
	terminal_input_speed, terminal_output_speed,
	terminal_flag_word,	/* number of the word, its value */
	terminal_raw, terminal_sane, terminal_cfmakeraw, terminal_rawer;

/* Actions that do something at once. */
opt_action terminal_window_size,
	terminal_control; /* make it the controlling terminal */
