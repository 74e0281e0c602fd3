/* SPDX-License-Identifier: MIT */
/*
 * The line editor, by libedit; see line_editor.h.
 *
 * libedit asks for a key wherever it needs one: in the middle of an escape sequence
 * or of a search.  So it runs on a stack of its own, and asking for a key that has
 * not come yet parks it until line_editor_feed() brings one.
 */

#include "addr/line_editor.h"

#include "addr/edit_library.h"
#include "addr/readline_text.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_SIZE = 256 * 1024, HISTORY_MAX = 1 << 20 };

struct line_editor {
	struct line_editor_setup setup;
	EditLine *edit;
	HistoryW *history;
	FILE *show; /* libedit's idea of the terminal: appends to shown */
	locale_t locale;
	pid_t owner;
	ucontext_t caller, own;
	void *stack;
	struct buf keys; /* fed */
	size_t at;	 /* of them are used */
	struct buf lines, shown;
	wchar_t *prompt;
	bool no_more_keys, editing, hidden, ended, has_news;
};

/* Other code runs until the next line_editor_feed(). */
static void park(struct line_editor *e)
{
	(void)swapcontext(&e->own, &e->caller);
}

static void resume(struct line_editor *e)
{
	locale_t before = uselocale(e->locale);

	(void)swapcontext(&e->caller, &e->own);
	(void)uselocale(before);
}

static bool wait_for_keys(struct line_editor *e)
{
	while (e->at == e->keys.len && !e->no_more_keys)
		park(e);
	return e->at < e->keys.len;
}

/* libedit's source of characters.  1: one; 0: the end. */
static int next_character(EditLine *edit, wchar_t *ret)
{
	struct line_editor *e;
	size_t n = 0;

	(void)el_wget(edit, EL_CLIENTDATA, &e);
	while (wait_for_keys(e)) {
		n = text_decode(e->keys.data + e->at, e->keys.len - e->at, ret);
		if (n || e->no_more_keys)
			break;
		park(e); /* half a character */
	}
	e->at += n;
	return n > 0;
}

static wchar_t *current_prompt(EditLine *edit)
{
	struct line_editor *e;

	(void)el_wget(edit, EL_CLIENTDATA, &e);
	return e->prompt;
}

/* Ctrl-D: libedit's own function would show it at the end. */
static unsigned char delete_or_end(EditLine *edit, int key)
{
	const LineInfoW *line = el_wline(edit);

	(void)key;
	if (line->lastchar == line->buffer)
		return CC_EOF;
	if (line->cursor == line->lastchar)
		return CC_ERROR;
	(void)el_cursor(edit, 1);
	el_wdeletestr(edit, 1);
	return CC_REFRESH;
}

/* What libedit prints. */
static ssize_t keep_shown(void *cookie, const char *data, size_t len)
{
	struct line_editor *e = cookie;

	if (!e->hidden)
		buf_put(&e->shown, data, len);
	return (ssize_t)len;
}

static void ask(struct line_editor *e)
{
	struct line_question q = e->setup.ask(e->setup.context);

	free(e->prompt);
	e->prompt = text_decode_all(q.prompt ? q.prompt : "", q.prompt ? strlen(q.prompt) : 0);
	e->hidden = q.hidden;
	if (q.prompt && !q.hidden)
		buf_put_byte(&e->shown, '\r'); /* over what the peer has written */
}

static void add_to_history(struct line_editor *e, const wchar_t *line)
{
	HistEventW event;

	(void)history_w(e->history, &event, H_ENTER, line);
}

static void take_line(struct line_editor *e, const wchar_t *line, size_t len)
{
	size_t end = len && line[len - 1] == L'\n' ? len - 1 : len;
	auto_free wchar_t *entry = mem_copy(line, (end + 1) * sizeof(*line));

	text_encode(&e->lines, line, len);
	entry[end] = L'\0';
	if (end && !e->hidden) {
		add_to_history(e, entry);
		e->has_news = true;
	}
	e->setup.asked(e->setup.context);
}

/* Line after line, on the editor's own stack. */
static void edit_lines(struct line_editor *e)
{
	while (wait_for_keys(e)) {
		const wchar_t *line;
		int len = 0;

		ask(e);
		el_resize(e->edit);
		e->editing = true;
		line = el_wgets(e->edit, &len);
		(void)el_wset(e->edit, EL_PREP_TERM, 1); /* keys come at once between lines, too */
		e->editing = false;
		if (!line)
			break;
		take_line(e, line, (size_t)len);
	}
	buf_put_text(&e->shown, "\r\n");
	e->ended = true;
}

/* makecontext(3) passes numbers of the size of int. */
static void enter(unsigned int high, unsigned int low)
{
	struct line_editor *e;
	uint64_t address = (uint64_t)high << 32 | low;

	memcpy(&e, &address, sizeof(e));
	edit_lines(e);
}

static int make_stack(struct line_editor *e)
{
	uint64_t address = (uintptr_t)e;

	e->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (e->stack == MAP_FAILED)
		return -errno;
	(void)getcontext(&e->own);
	e->own.uc_stack.ss_sp = e->stack;
	e->own.uc_stack.ss_size = STACK_SIZE;
	e->own.uc_link = &e->caller;
	makecontext(&e->own, (void (*)(void))enter, 2, (unsigned int)(address >> 32),
		    (unsigned int)address);
	return 0;
}

/* A stopped terminal would keep libedit, which waits for its output, so Ctrl-S is
 * no longer a stop. */
static int prepare_terminal(int fd)
{
	struct termios settings;

	if (tcgetattr(fd, &settings) < 0)
		return -errno;
	settings.c_iflag &= ~(tcflag_t)IXON;
	return tcsetattr(fd, TCSANOW, &settings) < 0 ? -errno : 0;
}

static void set_up_editor(struct line_editor *e)
{
	(void)el_wset(e->edit, EL_CLIENTDATA, e);
	(void)el_wset(e->edit, EL_GETCFN, next_character);
	(void)el_wset(e->edit, EL_PROMPT, current_prompt);
	(void)el_wset(e->edit, EL_HIST, history_w, e->history);
	(void)el_wset(e->edit, EL_SIGNAL, 0);
	(void)el_wset(e->edit, EL_EDITOR, L"emacs");
	(void)el_wset(e->edit, EL_ADDFN, L"delete-or-end", L"delete a character or end the input",
		      delete_or_end);
	(void)el_wset(e->edit, EL_BIND, L"^D", L"delete-or-end", NULL);
	(void)el_wset(e->edit, EL_BIND, L"^R", L"em-inc-search-prev", NULL);
	(void)el_source(e->edit, NULL); /* the user's ~/.editrc */
	(void)el_wset(e->edit, EL_PREP_TERM, 1);
}

static int make_editor(struct line_editor *e)
{
	static const cookie_io_functions_t functions = { .write = keep_shown };
	HistEventW event;
	locale_t before;

	e->show = fopencookie(e, "w", functions);
	e->history = history_winit();
	e->edit = e->show ? el_init_fd("socat", stdin, e->show, e->show, e->setup.fd, e->setup.fd,
				       e->setup.fd)
			  : NULL;
	if (!e->edit || !e->history)
		return -ENOMEM;
	(void)history_w(e->history, &event, H_SETSIZE, HISTORY_MAX);
	e->prompt = text_decode_all("", 0);
	before = uselocale(e->locale); /* which letters there are */
	set_up_editor(e);
	(void)uselocale(before);
	(void)fflush(e->show);
	buf_clear(&e->shown); /* libedit's remark on an unknown TERM */
	return 0;
}

int line_editor_new(const struct line_editor_setup *setup, struct line_editor **ret,
		    struct err *err)
{
	struct line_editor *e = new_object(struct line_editor);
	int r;

	*e = (struct line_editor){ .setup = *setup, .owner = getpid() };
	e->locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	if (!e->locale)
		e->locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
	r = prepare_terminal(setup->fd);
	if (r == 0)
		r = make_stack(e);
	if (r == 0)
		r = make_editor(e);
	if (r < 0) {
		(void)line_editor_free(e);
		return err_set(err, r, "line editor on descriptor %d: %s", setup->fd,
			       err_reason(r));
	}
	*ret = e;
	return 0;
}

struct line_editor *line_editor_free(struct line_editor *e)
{
	if (!e)
		return NULL;
	if (e->edit && e->owner == getpid())
		el_end(e->edit);
	if (e->history)
		history_wend(e->history);
	if (e->show)
		(void)fclose(e->show);
	if (e->stack && e->stack != MAP_FAILED)
		(void)munmap(e->stack, STACK_SIZE);
	if (e->locale)
		freelocale(e->locale);
	buf_done(&e->keys);
	buf_done(&e->lines);
	buf_done(&e->shown);
	free(e->prompt);
	free(e);
	return NULL;
}

void line_editor_feed(struct line_editor *e, const char *keys, size_t len)
{
	if (e->ended)
		return;
	buf_put(&e->keys, keys, len);
	e->no_more_keys |= len == 0;
	resume(e);
	(void)fflush(e->show);
	if (e->at == e->keys.len) {
		buf_clear(&e->keys);
		e->at = 0;
	}
}

bool line_editor_has_ended(const struct line_editor *e)
{
	return e->ended;
}

struct buf *line_editor_lines(struct line_editor *e)
{
	return &e->lines;
}

struct buf *line_editor_shown(struct line_editor *e)
{
	return &e->shown;
}

/* A line longer than the terminal is wide leaves its first rows behind. */
void line_editor_hide(struct line_editor *e)
{
	char *clear = NULL;

	if (!e->editing || e->hidden)
		return;
	(void)el_get(e->edit, EL_GETTC, "ce", &clear);
	buf_put_text(&e->shown, "\r");
	buf_put_text(&e->shown, clear && *clear ? clear : "\n");
}

void line_editor_show(struct line_editor *e)
{
	locale_t before;

	if (!e->editing || e->hidden)
		return;
	before = uselocale(e->locale);
	ask(e); /* the peer may have asked something else */
	if (!e->hidden)
		(void)el_wset(e->edit, EL_REFRESH);
	(void)fflush(e->show);
	(void)uselocale(before);
}

/* libedit sets the terminal only if it thinks that it is not set. */
void line_editor_come_back(struct line_editor *e)
{
	if (e->ended || tcgetpgrp(e->setup.fd) != getpgrp())
		return;
	(void)el_wset(e->edit, EL_PREP_TERM, 0);
	(void)el_wset(e->edit, EL_PREP_TERM, 1);
	line_editor_show(e);
}

void line_editor_remember(struct line_editor *e, const char *line, size_t len)
{
	locale_t before = uselocale(e->locale);
	auto_free wchar_t *text = text_decode_all(line, len);

	add_to_history(e, text);
	(void)uselocale(before);
}

void line_editor_history(struct line_editor *e, struct buf *buf)
{
	locale_t before = uselocale(e->locale);
	HistEventW event;

	for (int r = history_w(e->history, &event, H_LAST); r != -1;
	     r = history_w(e->history, &event, H_PREV)) {
		text_encode(buf, event.str, wcslen(event.str));
		buf_put_byte(buf, '\n');
	}
	(void)uselocale(before);
}

bool line_editor_has_news(const struct line_editor *e)
{
	return e->has_news;
}
