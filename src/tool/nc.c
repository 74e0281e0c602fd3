/* SPDX-License-Identifier: MIT */
/*
 * nc, in several dialects.
 *
 *	nc_openbsd.c, nc_options.c, nc_operands.c,	OpenBSD's dialect: the command
 *	nc_client.c, nc_unix.c, nc_report.c		line, the roles, the words
 *	ncat*.c, trad*.c				the dialects of nmap and of classic netcat
 *
 * For all of them:
 *
 *	nc_dial.c, nc_race.c, nc_proxy.c,		making connections
 *	nc_listen.c, nc_serve.c, nc_socket.c
 *	nc_relay.c, nc_carry.c, nc_ends.c,		carrying data
 *	nc_bulk.c, nc_text.c
 *	nc_scan.c, nc_probe.c, nc_lanes.c		scanning
 *	nc_getopt.c, nc_ports.c, nc_number.c		reading a command line
 *	nc_ours.c, nc_account.c, nc_secure.c		options that no original has
 *
 * All waiting is done in task/ and in the relay's one poll(2); signals that end
 * the program are seen there, everything unwinds, and here the signal is given
 * its default action again, so that the shell sees what it expects.
 */

#include "base/str.h"
#include "task/signals.h"
#include "tool/nc_dialect.h"
#include "tool/tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct nc_dialect *const dialects[] = {
	&nc_openbsd, /* the default */
	&nc_ncat,
	&nc_traditional,
};

const char *nc_program(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return slash ? slash + 1 : argv0;
}

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
void nc_open_signals(void)
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

int nc_end(const char *program, int result, const struct err *err)
{
	int signo = signals_ending();

	if (signo) {
		signals_default(signo);
		(void)raise(signo);
	}
	if (result >= 0)
		return result;
	fprintf(stderr, "%s: %s\n", program, err->code ? err->text : err_reason(result));
	return NC_FAILED;
}

static const struct nc_dialect *find_dialect(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(dialects); i++)
		if (str_word_is(dialects[i]->names, name))
			return dialects[i];
	return NULL;
}

static int unknown_dialect(const char *program, const char *name)
{
	fprintf(stderr, "%s: there is no dialect \"%s\"; --as= one of:\n", program, name);
	for (size_t i = 0; i < ARRAY_SIZE(dialects); i++)
		fprintf(stderr, "  %-42s %s\n", dialects[i]->names, dialects[i]->help);
	return NC_FAILED;
}

static int nc_main(int argc, char **argv)
{
	static const char as[] = "--as=";
	const struct nc_dialect *dialect = find_dialect(nc_program(argv[0]));

	occupy_closed();
	if (argc > 1 && str_begins(argv[1], as)) {
		const char *name = argv[1] + strlen(as);

		dialect = find_dialect(name);
		if (!dialect)
			return unknown_dialect(nc_program(argv[0]), name);
		argv[1] = argv[0];
		argc--;
		argv++;
	}
	return (dialect ? dialect : dialects[0])->main(argc, argv);
}

const struct tool tool_ncat = {
	.names = "ncat",
	.help = "connect and listen, with TLS, many clients, proxies: netcat as nmap knows it",
	.link = true,
	.main = nc_main,
};

const struct tool tool_nc = {
	.names = "nc nc.openbsd nc.traditional netcat",
	.help = "connect, listen and scan: netcat as OpenBSD and Debian know it",
	.link = true,
	.main = nc_main,
};
