/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line of the traditional dialect. */

#include "tool/nc_getopt.h"
#include "tool/nc_ours.h"
#include "tool/nc_place.h"
#include "tool/trad_ports.h"

struct trad_options {
	struct nc_place place; /* -b -k -n -s -T -u -w, the host */

	int listen, verbose, zero, random; /* -l -v -z -r */
	int crlf, telnet;		   /* -C -t */
	long long interval, quit, pointer; /* -i -q -G; -1: not given */
	const char *exec, *shell;	   /* -e -c */
	const char *dump;		   /* -o */
	const char *tos, *local_port;	   /* -T -p */
	struct nc_words gates;		   /* -g */
	struct nc_ours ours;		   /* long options */

	struct nc_ports ports; /* listening: the port that a client must have, or none */
	char source_port[8];   /* place.source_port */
};

#define auto_trad_options __attribute__((__cleanup__(trad_options_done))) struct trad_options

enum { TRAD_GATES_MAX = 8 };

/* What to do instead of running. */
enum trad_request { TRAD_RUN, TRAD_HELP, TRAD_VERSION, TRAD_USAGE };

/* A trad_request, or -EINVAL with the sentence; with TRAD_USAGE err may know what was meant. */
int trad_options_parse(int argc, char **argv, struct trad_options *ret, struct err *err);
void trad_options_done(struct trad_options *o);

void trad_options_help(FILE *out);
