/* SPDX-License-Identifier: MIT */
/* filan: says what the file descriptors are that a program inherits.  They are
 * looked up before anything is opened, so that it never describes its own. */

#include "tool/tool.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/str.h"
#include "task/signals.h"
#include "task/task.h"
#include "tool/describe.h"
#include "tool/filan_message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

typedef void describe_form(FILE *out, int fd);

struct request {
	int only;	     /* this descriptor; -1: all of them */
	int below;	     /* all of them: up to this number, exclusive */
	const char *path;    /* a file system entry instead of descriptors */
	const char *output;  /* NULL: stdout */
	describe_form *form; /* a short form; NULL: the long form */
	struct describe_style style;
	int64_t pause; /* microseconds before the analysis */
	bool repeat;   /* again on each SIGWINCH */
	bool help;
	unsigned int verbosity;
};

static int take_number(const char *value, int *ret, struct err *err)
{
	long long number;
	int r;

	r = num_parse_c(value, 0, INT_MAX, &number);
	if (r == -E2BIG)
		return err_set(err, r, "trailing garbage in \"%s\"", value);
	if (r == -ERANGE)
		return err_set(err, r, "\"%s\" is not in 0..%d", value, INT_MAX);
	if (r < 0)
		return err_set(err, r, "not a numerical arg in \"%s\"", value);
	*ret = (int)number;
	return 0;
}

static int take_help(struct request *q, const char *value, struct err *err)
{
	(void)value, (void)err;
	q->help = true;
	return 0;
}

static int take_verbosity(struct request *q, const char *value, struct err *err)
{
	(void)value, (void)err;
	q->verbosity++;
	return 0;
}

static int take_only(struct request *q, const char *value, struct err *err)
{
	return take_number(value, &q->only, err);
}

static int take_below(struct request *q, const char *value, struct err *err)
{
	int r;

	r = take_number(value, &q->below, err);
	if (r == 0 && q->below == 0)
		q->only = 0; /* as in the original, -n 0 means -i 0 */
	return r;
}

static int take_short(struct request *q, const char *value, struct err *err)
{
	(void)value, (void)err;
	q->form = describe_short;
	return 0;
}

static int take_tidy(struct request *q, const char *value, struct err *err)
{
	(void)value, (void)err;
	q->form = describe_tidy;
	return 0;
}

static int take_path(struct request *q, const char *value, struct err *err)
{
	(void)err;
	q->path = value;
	return 0;
}

static int take_follow(struct request *q, const char *value, struct err *err)
{
	(void)value, (void)err;
	q->style.follow = true;
	return 0;
}

static int take_raw(struct request *q, const char *value, struct err *err)
{
	(void)value, (void)err;
	q->style.raw = true;
	return 0;
}

static int take_pause(struct request *q, const char *value, struct err *err)
{
	int r;

	r = num_parse_seconds(value, &q->pause);
	if (r == 0 && q->pause < 0)
		r = -ERANGE;
	return r < 0 ? err_set(err, r, "not a number of seconds: \"%s\"", value) : 0;
}

static int take_repeat(struct request *q, const char *value, struct err *err)
{
	(void)value, (void)err;
	q->repeat = true;
	return 0;
}

static int take_output(struct request *q, const char *value, struct err *err)
{
	(void)err;
	q->output = value;
	return 0;
}

static const struct option_row {
	char letter;
	const char *value; /* NULL: takes none */
	const char *help;
	int (*take)(struct request *q, const char *value, struct err *err);
} options[] = {
	{ 'h', NULL, "print this help (also -?)", take_help },
	{ 'd', NULL, "say more on stderr; up to four times", take_verbosity },
	{ 'i', "FD", "describe only this descriptor", take_only },
	{ 'n', "COUNT", "describe the descriptors from 0 to COUNT-1 (default 1024)", take_below },
	{ 's', NULL, "short: only type and address or path", take_short },
	{ 'S', NULL, "short, with both addresses and the type of sockets", take_tidy },
	{ 'f', "PATH", "describe a file system entry", take_path },
	{ 'L', NULL, "with -f, follow symbolic links", take_follow },
	{ 'r', NULL, "raw: times as seconds, the device as one number", take_raw },
	{ 'T', "SECONDS", "wait before the analysis", take_pause },
	{ 'W', NULL, "print again whenever the size of the terminal changes", take_repeat },
	{ 'o', "NAME", "write to a file, to descriptor +N, or to stdin, stdout or stderr",
	  take_output },
};

static void print_usage(FILE *out)
{
	fprintf(out,
		"filan (sockbox %s): describe the file descriptors of a process\n"
		"usage: filan [OPTION...]\n",
		SOCKBOX_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		fprintf(out, "  -%c %-8s %s\n", options[i].letter,
			options[i].value ? options[i].value : "", options[i].help);
}

/* For getopt(3): stop at the first operand, tell missing values apart. */
static void make_option_string(struct buf *ret)
{
	buf_put_text(ret, "+:");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		buf_put_byte(ret, options[i].letter);
		if (options[i].value)
			buf_put_byte(ret, ':');
	}
}

static const struct option_row *find_option(int letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* One answer of getopt(3).  0, or 1 after the error message. */
static int take_option(int letter, struct request *q)
{
	const struct option_row *row = find_option(letter);
	struct err err;

	if (letter == ':')
		return filan_fail("option -%c requires an argument", optopt);
	if (!row && optopt == '?') {
		q->help = true;
		return 0;
	}
	if (!row) {
		(void)filan_fail("unknown option -%c", optopt);
		print_usage(stderr);
		return 1;
	}
	if (row->take(q, optarg, &err) < 0)
		return filan_fail("option -%c: %s", letter, err.text);
	return 0;
}

static int parse(int argc, char **argv, struct request *q)
{
	auto_buf letters = { 0 };
	int letter;

	make_option_string(&letters);
	while (!q->help && (letter = getopt(argc, argv, buf_text(&letters))) != -1)
		if (take_option(letter, q))
			return 1;
	if (!q->help && optind < argc)
		return filan_fail("%d superfluous arguments", argc - optind);
	return 0;
}

/* The descriptors that are open now. */
struct inherited {
	int *fds;
	size_t n;
};

static void look_up(const struct request *q, struct inherited *ret)
{
	int first = q->only >= 0 ? q->only : 0;
	int end = q->only >= 0 ? q->only + (q->only < INT_MAX) : q->below;

	for (int fd = first; fd < end; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		ret->fds = mem_resize(ret->fds, ret->n + 1, sizeof(*ret->fds));
		ret->fds[ret->n++] = fd;
	}
}

static FILE *open_output(const char *name)
{
	static const char *const names[] = { "stdin", "stdout", "stderr" };
	int fd = -1;
	struct err err;
	FILE *out;

	for (int i = 0; i < (int)ARRAY_SIZE(names); i++)
		if (str_equal(name, names[i]))
			fd = i;
	if (name[0] == '+' && take_number(name + 1, &fd, &err) < 0) {
		(void)filan_fail("option -o: %s", err.text);
		return NULL;
	}
	out = fd >= 0 ? fdopen(fd, "w") : fopen(name, "we");
	if (!out && fd >= 0)
		(void)filan_fail("can't fdopen file descriptor %d: %s", fd, err_reason(-errno));
	else if (!out)
		(void)filan_fail("can't fopen '%s': %s", name, err_reason(-errno));
	return out;
}

static void describe_all(FILE *out, const struct request *q, const struct inherited *in)
{
	if (in->n && !q->form)
		describe_header(out, &q->style);
	for (size_t i = 0; i < in->n; i++) {
		if (q->form && q->only < 0)
			fprintf(out, "%5d ", in->fds[i]);
		if (q->form)
			q->form(out, in->fds[i]);
		else
			describe_descriptor(out, in->fds[i], &q->style);
	}
}

static int describe_once(FILE *out, const struct request *q, const struct inherited *in)
{
	struct err err;
	int r;

	if (q->path && q->form) {
		if (describe_path_short(out, q->path, &err) < 0)
			return filan_fail("%s", err.text);
	} else if (q->path) {
		describe_header(out, &q->style);
		describe_path(out, q->path, &q->style);
	} else {
		describe_all(out, q, in);
	}
	r = fflush(out) != 0 ? -errno : ferror(out) ? -EIO : 0;
	return r < 0 ? filan_fail("write: %s", err_reason(r)) : 0;
}

static int describe_repeatedly(FILE *out, const struct request *q, const struct inherited *in)
{
	int r;

	r = signals_open();
	if (r < 0)
		return filan_fail("pipe: %s", err_reason(r));
	signals_note(SIGWINCH);
	while (describe_once(out, q, in) == 0) {
		while (!signals_take(SIGWINCH)) {
			r = task_wait_signal();
			if (r < 0)
				return filan_fail("poll: %s", err_reason(r));
		}
	}
	return 1;
}

static int analyse(const struct request *q, const struct inherited *in)
{
	FILE *out = q->output ? open_output(q->output) : stdout;
	int status;

	if (!out)
		return 1;
	(void)task_sleep(q->pause);
	status = q->repeat ? describe_repeatedly(out, q, in) : describe_once(out, q, in);
	if (out != stdout)
		(void)fclose(out);
	return status;
}

static int filan_main(int argc, char **argv)
{
	struct request q = { .only = -1, .below = FD_SETSIZE };
	struct inherited in = { 0 };
	int status;

	filan_message_open(argv[0], LEVEL_ERROR);
	if (parse(argc, argv, &q))
		return 1;
	if (q.help) {
		print_usage(stdout);
		return 0;
	}
	filan_message_open(argv[0], (enum log_level)(LEVEL_ERROR + MIN(q.verbosity, 4U)));

	look_up(&q, &in);
	status = analyse(&q, &in);
	free(in.fds);
	return status;
}

const struct tool tool_filan = {
	.names = "filan",
	.help = "describe the file descriptors of a process",
	.link = true,
	.main = filan_main,
};
