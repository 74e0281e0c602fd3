/* SPDX-License-Identifier: MIT */
/*
 * READLINE: standard input and output of a user who edits lines.
 *
 * A layer on the terminal: keys that are read go to the line editor, which gives
 * lines; what is written is looked at for the question it may end with.
 */

#include "addr/edit_library.h"
#include "addr/families.h"
#include "addr/readline_history.h"
#include "addr/readline_text.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "opt/action.h"
#include "task/signals.h"

#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEYS = 1024, LOOK_AGAIN = CLOCK_US_PER_S / 100 };

struct readline {
	struct line_editor *editor;
	const char *fixed; /* prompt; NULL: what the peer asks */
	bool noprompt;
	struct prompt asked; /* by the peer */
	regex_t noecho;
	bool has_noecho;
	struct history_file history;
};

static bool is_secret(const struct readline *r, const char *prompt)
{
	return r->has_noecho && prompt && regexec(&r->noecho, prompt, 0, NULL, 0) == 0;
}

static struct line_question ask(void *context)
{
	const struct readline *r = context;
	const char *dynamic = r->noprompt ? NULL : r->asked.text;

	return (struct line_question){
		.prompt = r->fixed ? r->fixed : dynamic,
		.hidden = is_secret(r, r->fixed) || is_secret(r, r->asked.text),
	};
}

static void asked(void *context)
{
	struct readline *r = context;

	prompt_clear(&r->asked);
}

/* What the editor wants to be seen; while the terminal takes nothing, it waits. */
static int flush_shown(struct stream *s)
{
	struct readline *r = s->state;
	struct buf *shown = line_editor_shown(r->editor);
	size_t at = 0;

	while (at < shown->len && fd_is_ready(s->below->wfd, POLLOUT)) {
		ssize_t n = stream_write(s->below, shown->data + at, shown->len - at);

		if (n < 0 && n != -EAGAIN)
			return (int)n;
		at += n > 0 ? (size_t)n : 0;
	}
	buf_drop(shown, at);
	s->reread_at = shown->len ? clock_after(LOOK_AGAIN) : 0;
	return shown->len ? -EAGAIN : 0;
}

/* Keys, if there are any, to the editor. */
static int feed(struct stream *s)
{
	struct readline *r = s->state;
	char keys[KEYS];
	ssize_t n = stream_read(s->below, keys, sizeof(keys));

	if (n == -EIO)
		n = 0; /* the terminal is gone */
	if (n < 0)
		return (int)n;
	line_editor_feed(r->editor, keys, (size_t)n);
	return 0;
}

static ssize_t readline_read(struct stream *s, void *buf, size_t len)
{
	struct readline *r = s->state;
	struct buf *lines = line_editor_lines(r->editor);
	size_t n;
	int result = 0;

	if (signals_take(SIGCONT))
		line_editor_come_back(r->editor);
	if (!lines->len && !line_editor_has_ended(r->editor))
		result = feed(s);
	if (result == 0 || result == -EAGAIN)
		result = flush_shown(s);
	if (result < 0 && result != -EAGAIN)
		return result;
	if (!lines->len)
		return line_editor_has_ended(r->editor) ? 0 : -EAGAIN;
	n = MIN(len, lines->len);
	memcpy(buf, lines->data, n);
	buf_drop(lines, n);
	return (ssize_t)n;
}

static ssize_t readline_write(struct stream *s, const void *buf, size_t len)
{
	struct readline *r = s->state;
	ssize_t n;

	if (flush_shown(s) < 0)
		return -EAGAIN;
	line_editor_hide(r->editor);
	(void)flush_shown(s);
	n = stream_write(s->below, buf, len);
	if (n > 0)
		prompt_scan(&r->asked, buf, (size_t)n);
	line_editor_show(r->editor);
	(void)flush_shown(s);
	return n;
}

static bool readline_pending(const struct stream *s)
{
	struct readline *r = s->state;

	return line_editor_lines(r->editor)->len || line_editor_has_ended(r->editor) ||
	       signals_came(SIGCONT);
}

static void readline_done(struct stream *s)
{
	struct readline *r = s->state;
	struct err err = { 0 };

	if (r->history.name && history_file_save(&r->history, r->editor, &err) < 0)
		log_warn("%s", err.text);
	history_file_done(&r->history);
	r->editor = line_editor_free(r->editor);
	if (r->has_noecho)
		regfree(&r->noecho);
	free(r);
}

static const struct stream_ops readline_ops = {
	.read = readline_read,
	.write = readline_write,
	.pending = readline_pending,
	.done = readline_done,
};

static int compile(struct opening *o, struct readline *r)
{
	const char *pattern = o->address->settings.noecho;
	char reason[128];
	int code;

	if (!pattern)
		return 0;
	code = regcomp(&r->noecho, pattern, REG_EXTENDED | REG_NOSUB);
	r->has_noecho = code == 0;
	if (code == 0)
		return 0;
	(void)regerror(code, &r->noecho, reason, sizeof(reason));
	return err_set(o->err, -EINVAL, "option \"noecho\": \"%s\": %s", pattern, reason);
}

/* The parts, in the order in which they can fail. */
static int set_up(struct opening *o, struct readline *r)
{
	static const char *const ours[] = { "history-file", "prompt", "noprompt", "noecho" };
	const struct settings *settings = &o->address->settings;
	const struct line_editor_setup setup = {
		.fd = STDIN_FILENO,
		.ask = ask,
		.asked = asked,
		.context = r,
	};
	int result;

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		(void)opening_take(o, ours[i]);
	r->fixed = settings->prompt;
	r->noprompt = settings->noprompt;
	result = compile(o, r);
	if (result == 0)
		result = line_editor_new(&setup, &r->editor, o->err);
	if (result == 0 && settings->history)
		result = history_file_open(settings->history, r->editor, &r->history, o->err);
	return result;
}

static void tell(const struct opening *o)
{
	log_notice("using %s%s%s", o->wanted & DIR_READ ? "readline on stdin for reading" : "",
		   o->wanted == DIR_BOTH ? " and " : "",
		   o->wanted & DIR_WRITE ? "stdio for writing" : "");
}

static int open_readline(struct opening *o, struct stream **ret)
{
	auto_stream s = stream_new(o->wanted & DIR_READ ? STDIN_FILENO : -1,
				   o->wanted & DIR_WRITE ? STDOUT_FILENO : -1, END_KEEP);
	struct readline *r = new_object(struct readline);
	int result;

	tell(o);
	r->history.folder = -1;
	s->state = r;
	s->ops = &readline_ops;
	s->shut = SHUT_NONE;
	s->below = stream_new(STDIN_FILENO, STDOUT_FILENO, END_KEEP);
	saved_terminal_take(&s->below->terminals, STDIN_FILENO);
	result = opening_apply(o, PHASE_FD, STDIN_FILENO, NULL);
	if (result == 0)
		result = set_up(o, r);
	if (result < 0)
		return result;
	*ret = take_ptr(s);
	return 0;
}

static const struct addr_type rows[] = {
	{ "READLINE", "", "let a user edit the lines that are read from the terminal",
	  GROUP_FD | GROUP_READLINE | GROUP_TERMIOS, DIR_BOTH, 0, 0, open_readline,
	  .load = edit_library_load },
};

const struct addr_table readline_addresses = { rows, ARRAY_SIZE(rows) };

#define ROW(names, help, type, store, member)                                        \
	{                                                                            \
		names, help, GROUP_READLINE, PHASE_LATE, SCOPE_TAKEN, &value_##type, \
			opt_store_##store,                                           \
		{                                                                    \
			.offset = offsetof(struct settings, member)                  \
		}                                                                    \
	}

static const struct opt_type options[] = {
	ROW("history-file history", "read the history from this file and write it back", string,
	    text, history),
	ROW("prompt", "ask for each line with this text", string, text, prompt),
	ROW("noprompt", "do not take what the peer asks for a prompt", bool, bool, noprompt),
	ROW("noecho", "do not show what is typed after a prompt that matches", string, text,
	    noecho),
};

const struct opt_table readline_options = { options, ARRAY_SIZE(options) };
