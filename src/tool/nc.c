/* SPDX-License-Identifier: MIT */
/*
 * nc, in the dialect of OpenBSD's netcat as Debian ships it.
 *
 *	nc_options.c, nc_operands.c, nc_ports.c		the command line
 *	nc_client.c, nc_listen.c, nc_unix.c, nc_serve.c	the roles
 *	nc_relay.c, nc_ends.c, nc_text.c		carrying data
 *	nc_report.c, nc_socket.c, nc_number.c		what they share
 *
 * All waiting is done in task/ and in the relay's one poll(2); signals that end
 * the program are seen there, everything unwinds, and here the signal is given
 * its default action again, so that the shell sees what it expects.
 */

#include "task/signals.h"
#include "tool/nc_role.h"
#include "tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STATUS_FAILED = 1 };

/* Descriptors 0 to 2 that are closed would become sockets.  Here they become
 * what a closed one is: something that fails to be read and to be written. */
static void occupy_closed(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
}

/* A signal that the parent wants ignored (nohup, background jobs) stays so. */
static void open_signals(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };

	if (signals_open() < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
		struct sigaction now;

		if (sigaction(ending[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			signals_end_on(ending[i]);
	}
}

static int run(const struct nc_options *o, struct err *err)
{
	if (o->family == AF_UNIX)
		return o->listen ? nc_unix_listen(o, err) : nc_unix_client(o, err);
	return o->listen ? nc_listen(o, err) : nc_client(o, err);
}

static int end(const struct nc_options *o, int result, const struct err *err)
{
	int signo = signals_ending();

	if (signo) {
		signals_default(signo);
		(void)raise(signo);
	}
	if (result >= 0)
		return result;
	fprintf(stderr, "%s: %s\n", o->program, err->code ? err->text : err_reason(result));
	return STATUS_FAILED;
}

static int show_usage(const struct nc_options *o, const struct err *err)
{
	if (err->code)
		fprintf(stderr, "%s: %s\n", o->program, err->text);
	nc_options_usage(stderr);
	return STATUS_FAILED;
}

static int nc_main(int argc, char **argv)
{
	auto_nc_options o = { .family = AF_UNSPEC };
	struct err err = { 0 };
	int r;

	occupy_closed();
	r = nc_options_parse(argc, argv, &o, &err);
	if (r == NC_USAGE)
		return show_usage(&o, &err);
	if (r == NC_HELP) {
		nc_options_help(stderr);
		return 0;
	}
	if (r == NC_RUN) {
		open_signals();
		r = run(&o, &err);
	}
	return end(&o, r, &err);
}

const struct tool tool_nc = {
	.names = "nc nc.openbsd netcat",
	.help = "connect, listen and scan: netcat as OpenBSD and Debian know it",
	.link = true,
	.main = nc_main,
};
