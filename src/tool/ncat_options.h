/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line of the ncat dialect. */

#include "tool/nc_getopt.h"
#include "tool/nc_ours.h"
#include "tool/nc_place.h"

/* Exit statuses. */
enum { NCAT_NETWORK = 1, NCAT_OTHER = 2 };

struct ncat_options {
	struct nc_place place; /* -4 -6 -U -u -n -s -p, the host */

	int listen, keep, verbose, zero; /* -l -k -v -z */
	int crlf, telnet, vsock;	 /* -C -t --vsock */
	int send_only, recv_only, no_shutdown;
	int broker, chat, test;
	const char *exec, *shell;    /* -e -c */
	const char *dump, *hex_dump; /* -o -x */
	int append;		     /* --append-output */
	int64_t wait, delay, idle;   /* -w -d -i; 0: none */
	long long max_conns;	     /* -m; 0: not given */
	struct nc_words allow, deny, allow_files, deny_files;

	const char *proxy, *proxy_type, *proxy_auth, *proxy_dns;
	const char *source_port; /* -p */

	int ssl;
	struct ncat_ssl_texts {
		const char *certificate, *key, *ca, *alpn;
	} ssl_texts;	     /* as --ssl-... gave them; they go to ours.tls */
	struct nc_ours ours; /* --tls and its family, --json ...; --ssl fills it in, too */

	uint16_t port; /* of IP sockets */
	unsigned int vsock_cid, vsock_port;
	char *proxy_host, *proxy_port;
	char numbers[2][8]; /* ports as text, for place and proxy */
};

#define auto_ncat_options __attribute__((__cleanup__(ncat_options_done))) struct ncat_options

/* What to do instead of running. */
enum ncat_request { NCAT_RUN, NCAT_HELP, NCAT_VERSION, NCAT_USAGE };

/* An ncat_request, or -EINVAL with the sentence, which ends in QUITTING. */
int ncat_options_parse(int argc, char **argv, struct ncat_options *ret, struct err *err);
void ncat_options_done(struct ncat_options *o);

void ncat_options_help(FILE *out);

/* Do these options go together?  0 or -EINVAL with the sentence (ncat_rules.c). */
int ncat_rules_check(const struct ncat_options *o, struct err *err);
