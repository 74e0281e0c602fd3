/* SPDX-License-Identifier: MIT */
#pragma once

/* What the modes share: the command line, and the end of the program when something is wrong. */

#include "base/base.h"
#include "base/err.h"
#include "net/address.h"

struct options {
	const char *target; /* of the relay: PORT, HOST:PORT or a path */
	const char *unix_path;
	const char *server; /* past the relay, for its counters */
	const char *kind;
	uint64_t bytes;
	uint64_t request;
	uint64_t answer;
	int64_t seconds_ns;
	uint32_t connections;
	uint32_t sessions;
	uint32_t size;
	uint32_t seed;
	uint16_t port;
	bool check;
	bool down;
	bool gso;
	bool pause;
	bool resume;
	bool storm;
	bool tls;
};

/* Says it on stderr and exits with 1. */
void fail(const char *format, ...) printf_like(1, 2) __attribute__((__noreturn__));

/* The address of a target; does not return if it is none. */
struct net_address target_parse(const char *text);

/* A socket of the type that is connected or connecting; non-blocking.  -errno if it failed. */
int target_connect(const struct net_address *target, int type);

/* Raises the open-file limit for so many; false if that is not permitted (it is then as high as
 * possible). */
bool files_allow(size_t count);

/* Until a line, or the end, comes on stdin. */
void wait_for_line(void);

/* The modes; each returns the exit status. */
int load_serve(const struct options *o);
int load_stats(const struct options *o);
int load_feed(const struct options *o);
int load_bulk(const struct options *o);
int load_ask(const struct options *o);
int load_connect(const struct options *o);
int load_idle(const struct options *o);
int load_soak(const struct options *o);
int load_hostile(const struct options *o);
int load_udp(const struct options *o);
int load_flood(const struct options *o);
