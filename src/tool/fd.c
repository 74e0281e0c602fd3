/* SPDX-License-Identifier: MIT */
/*
 * sockbox fd: any address on any descriptor, for any program.
 *
 *	sockbox fd '3<>/dev/tcp/127.0.0.1/80' -- COMMAND...
 *
 * does for every shell and program what bash's exec 3<>/dev/tcp/... does.  The
 * descriptors are opened in the order given, put in place, and the command
 * replaces this process.
 */

#include "tool/tool.h"

#include "api/opened.h"
#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "relay/relay.h"
#include "task/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FD_NUMBER_MAX = 1023, REDIRECTIONS_MAX = 64, BLOCK_SIZE = 8192 };

struct redirection {
	int number; /* the descriptor the command will see */
	enum addr_direction direction;
	const char *address;
	const char *word; /* as given, for messages */
	struct opened opened;
	int fd; /* where it is until it is put in place */
};

static const char help_text[] =
	"usage: sockbox fd N<>ADDRESS | N<ADDRESS | N>ADDRESS ... [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Opens each address for reading (<), writing (>) or both (<>) on descriptor N,\n"
	"then runs the command with it.  ADDRESS is any address of socat, /dev/tcp/HOST/PORT\n"
	"or /dev/udp/HOST/PORT.  Quote the redirections, or the shell takes them for its own.\n"
	"A socket file that an address makes stays when the command ends.\n"
	"\n"
	"From sh, dash, or any program:\n"
	"  sockbox fd '3<>/dev/tcp/127.0.0.1/80' -- \\\n"
	"    sh -c 'printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'\n"
	"In bash the first form needs no sockbox; the second opens what bash cannot:\n"
	"  exec 3<>/dev/tcp/127.0.0.1/80\n"
	"  exec sockbox fd '3<>UNIX-CONNECT:/run/app.sock' -- bash\n"
	"\n"
	"exit codes: 1 an address cannot be opened, 2 wrong usage, 126 the command cannot\n"
	"be run, 127 it was not found, 128+N ended by signal N before it ran;\n"
	"else the command's own.\n";

static int usage_error(const char *word, const char *what)
{
	char shown[256];

	fprintf(stderr, "sockbox fd: \"%s\": %s; try: sockbox fd --help\n",
		str_escape(word, strlen(word), shown, sizeof(shown)), what);
	return EXIT_USAGE;
}

/* Is the word N<>..., N<... or N>...?  Then it is taken apart. */
static bool parse_redirection(const char *word, struct redirection *ret)
{
	size_t digits = strspn(word, "0123456789");
	const char *at = word + digits;
	auto_free char *number = str_copy_n(word, digits);
	long long value;

	*ret = (struct redirection){ .word = word, .fd = -1 };
	if (str_begins(at, "<>"))
		ret->direction = DIR_BOTH;
	else if (*at == '<')
		ret->direction = DIR_READ;
	else if (*at == '>')
		ret->direction = DIR_WRITE;
	else
		return false;
	ret->address = at + (ret->direction == DIR_BOTH ? 2 : 1);
	ret->number = num_parse_decimal(number, 0, FD_NUMBER_MAX, &value) < 0 ? -1 : (int)value;
	return true;
}

/* One line; for a wrong address also the place. */
static void print_error(const struct redirection *r, const struct err *err)
{
	char shown[ERR_TEXT_MAX * 4];

	fprintf(stderr, "sockbox fd: %s\n",
		str_escape(err->text, strlen(err->text), shown, sizeof(shown)));
	if (err->column < 0)
		return;
	fprintf(stderr, "    %s\n    %*s^\n",
		str_escape(r->address, strlen(r->address), shown, sizeof(shown)), err->column, "");
}

/* A descriptor alone carries no put-back data and no second descriptor. */
static int check_descriptor(const struct redirection *r, const struct stream *s, struct err *err)
{
	if (stream_has_unread(s))
		return err_set(
			err, -EINVAL,
			"%s: one packet cannot be handed over as a descriptor; use a RECV or "
			"LISTEN address",
			r->address);
	if (r->direction == DIR_BOTH && s->rfd != s->wfd)
		return err_set(err, -EINVAL,
			       "%s: reading and writing use two descriptors; use N< and N>",
			       r->address);
	return 0;
}

static int open_redirection(struct redirection *r, struct err *err)
{
	int result, fd;
	const struct net_address *to;
	struct stream *s;

	r->opened.options = (struct relay_options){
		.version = SOCKBOX_VERSION,
		.address = { .program = "sockbox", .env_prefix = "SOCKBOX_",
			     .block_size = BLOCK_SIZE },
	};
	result = opened_open(&r->opened, r->address, r->direction, err);
	if (result < 0)
		return result;
	s = opened_stream(&r->opened);
	result = check_descriptor(r, s, err);
	if (result < 0)
		return result;
	to = s->datagrams ? &s->datagrams->peer : NULL;
	if (to && to->len && connect(s->wfd, &to->any, to->len) < 0)
		return err_set(err, -errno, "%s: connect: %s", r->address, err_reason(-errno));
	fd = r->direction == DIR_WRITE ? s->wfd : s->rfd;
	r->fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_NUMBER_MAX + 1);
	if (r->fd < 0)
		return err_set(err, -errno, "%s: dup: %s", r->address, err_reason(-errno));
	(void)fd_set_nonblock(r->fd, false);
	return 0;
}

static int run_command(struct redirection *list, size_t n, char **argv)
{
	int reason;

	for (size_t i = 0; i < n; i++) {
		if (dup2(list[i].fd, list[i].number) < 0) {
			fprintf(stderr, "sockbox fd: descriptor %d: %s\n", list[i].number,
				err_reason(-errno));
			return EXIT_FAILED;
		}
	}
	signals_reset();
	(void)execvp(argv[0], argv);
	reason = errno;
	fprintf(stderr, "sockbox fd: %s: %s\n", argv[0], err_reason(-reason));
	return reason == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int open_all(struct redirection *list, size_t n, char **argv)
{
	struct err err = { .column = -1 };
	int status = EXIT_DONE;
	size_t opened = 0;

	for (; opened < n && status == EXIT_DONE; opened++) {
		struct redirection *r = &list[opened];

		if (open_redirection(r, &err) == 0)
			continue;
		if (signals_ending())
			status = EXIT_SIGNAL + signals_ending();
		else
			status = err.column >= 0 ? EXIT_USAGE : EXIT_FAILED;
		if (!signals_ending())
			print_error(r, &err);
	}
	if (status == EXIT_DONE)
		status = run_command(list, n, argv);
	for (size_t i = 0; i < opened; i++)
		opened_close(&list[i].opened); /* only when the command did not run */
	return status;
}

static int fd_main(int argc, char **argv)
{
	static struct redirection list[REDIRECTIONS_MAX];
	size_t n = 0;
	int i = 1;

	if (argc < 2 || str_equal(argv[1], "--help") || str_equal(argv[1], "-h")) {
		printf("%s", help_text);
		return EXIT_DONE;
	}
	for (; i < argc && !str_equal(argv[i], "--"); i++) {
		if (n == REDIRECTIONS_MAX)
			return usage_error(argv[i], "too many redirections");
		if (!parse_redirection(argv[i], &list[n]))
			break;
		if (list[n].number < 0)
			return usage_error(argv[i], "the descriptor number is not 0..1023");
		if (!*list[n].address)
			return usage_error(argv[i], "address is missing");
		n++;
	}
	if (i < argc && str_equal(argv[i], "--"))
		i++;
	if (n == 0)
		return usage_error(argv[1], "not a redirection like 3<>ADDRESS");
	if (i >= argc) {
		printf("%s", help_text);
		return EXIT_DONE;
	}
	if (signals_open() < 0)
		return EXIT_FAILED;
	signals_end_on(SIGINT);
	signals_end_on(SIGTERM);
	signals_end_on(SIGHUP);
	return open_all(list, n, argv + i);
}

const struct tool tool_fd = {
	.names = "fd",
	.help = "run a command with addresses opened on its descriptors",
	.main = fd_main,
};
