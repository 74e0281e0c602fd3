/* SPDX-License-Identifier: MIT */
#pragma once

/* Actions that many rows share; what they need stands in the row's args. */

#include "opt/opt.h"

/* setsockopt(level, name) with the value as int, one byte, struct timeval,
 * struct linger or text. */
opt_action opt_sockopt_int, opt_sockopt_byte, opt_sockopt_timeval, opt_sockopt_linger,
	opt_sockopt_string;

/* setsockopt() where the user gives level and name: value is binary, int or text. */
opt_action opt_sockopt_user;

/* As opt_sockopt_int, but an empty value means "make no call". */
opt_action opt_sockopt_int_or_empty;

/* Sets or clears a bit of F_SETFL; openers of named files collect these into the
 * flags of open(2) instead (opt_collect_flags). */
opt_action opt_file_flag;

/* Stores into the settings at args.offset, while parsing: number as int, as
 * bool, args.mask as int when the flag is set, microseconds, text, or the whole
 * value. */
opt_action opt_store_int, opt_store_bool, opt_store_mask, opt_store_time, opt_store_text;
