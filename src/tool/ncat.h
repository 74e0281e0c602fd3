/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of the ncat dialect have in common. */

#include "tool/ncat_options.h"
#include "tool/nc_hosts.h"
#include "tool/nc_relay.h"

/* One run of the program. */
struct ncat {
	const struct ncat_options *o;
	struct nc_tls_context *tls; /* NULL: none */
	struct nc_hosts allow, deny;
	int dump, hex_dump; /* descriptors, -1: none */
	uint64_t sent, received;
	int64_t began;
};

/* The roles; each returns the exit status, or -ECANCELED. */
int ncat_client(struct ncat *n);
int ncat_server(struct ncat *n);

/* Sentences on stderr.  ncat_fail() and ncat_quit() return the status that belongs to
 * them: 1 for the network, 2 for everything else. */
void ncat_say(const char *format, ...) printf_like(1, 2);
int ncat_fail(const char *format, ...) printf_like(1, 2);
int ncat_quit(const char *format, ...) printf_like(1, 2);

/* Bytes have passed: counters and dumps. */
void ncat_passed(void *context, enum nc_way way, const void *data, size_t len);

/* How a session is carried; an error of the network goes to *trouble. */
struct nc_session ncat_session(struct ncat *n, struct stream *net, int *trouble);

/* Carries standard input and output over the stream.  The exit status, or -ECANCELED. */
int ncat_carry(struct ncat *n, struct stream *net);

/* -i has ended it.  The exit status. */
int ncat_idle_expired(const struct ncat_options *o);

/* `-v`: how much has passed. */
void ncat_say_counts(const struct ncat *n);

/* "127.0.0.1:80", ":::80", a path; "127.0.0.1" without the port.  Return out. */
const char *ncat_address(const struct net_address *a, char *out, size_t size);
const char *ncat_host(const struct net_address *a, char *out, size_t size);

enum { NCAT_ADDRESS_TEXT = NET_ADDRESS_TEXT };
