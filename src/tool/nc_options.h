/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line of nc: one table of options, and the rules for operands. */

#include "base/base.h"
#include "base/err.h"
#include "tool/nc_ours.h"
#include "tool/nc_password.h"
#include "tool/nc_place.h"
#include "tool/nc_ports.h"

#include <stdio.h>

struct nc_options {
	struct nc_place place; /* -4 -6 -U -u -Z -n -s -p -w, the operand, what sockets are asked */

	int pass_socket, signs;				 /* -F -S */
	const char *proxy;				 /* -x */
	int listen, keep, verbose, scan;		 /* -l -k -v -z */
	int shut_at_eof, no_stdin, crlf, telnet, random; /* -N -d -C -t -r */
	long long interval, quit, receive_limit;	 /* -i -q -W */

	struct nc_ours ours;	     /* long options */
	struct nc_observer observer; /* place.observer, with --json */

	/* The operands: host (or UNIX path), and ports.  For a client the ports
	 * are parsed; a listener's one port is text. */
	char *host;		       /* place.host */
	char *proxy_host;	       /* place.proxy.host, and behind it the port */
	char md5_key[NC_PASSWORD_MAX]; /* place.tuning.md5_key */
	char *listen_port;
	struct nc_ports ports;
};

#define auto_nc_options __attribute__((__cleanup__(nc_options_done))) struct nc_options

/* What to do instead of running; the errors have their sentence in err. */
enum nc_request {
	NC_RUN,
	NC_HELP,  /* -h */
	NC_VERSION,
	NC_USAGE, /* show the usage; err may hold a hint */
};

/* getopt(3) itself writes its one line about unknown options to stderr.
 * An nc_request or -EINVAL. */
int nc_options_parse(int argc, char **argv, struct nc_options *ret, struct err *err);
void nc_options_done(struct nc_options *o);

void nc_options_usage(FILE *out);
void nc_options_help(FILE *out);

/* The value of -T: a word, a decimal number or 0x and hexadecimal digits. */
int nc_options_tos(const char *text, long long *ret);
