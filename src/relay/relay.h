/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Two addresses, opened and connected: the session and its policy.
 *
 * Retry, interval, forever, fork, max-children and accept-timeout exist once,
 * here.  The sessions of a listener share this process (engine.h), or each one is
 * forked and continues in the child, on the same call stack; the parent stays in
 * its loop until a signal ends it.
 */

#include "addr/addr.h"

struct flow_count {
	uint64_t blocks, bytes;
};

struct relay_result;

/* What the program wants to hear while a relay runs; all may be NULL. */
struct relay_hooks {
	void *context;
	void (*waiting)(void *context); /* the first wait for others, or the transfer, begins */
	void (*starting)(void *context, const struct stream *left, const struct stream *right);
	void (*counts)(void *context, const struct flow_count *left_to_right,
		       const struct flow_count *right_to_left); /* NULL: no such direction */
	/* Whose counts come next, where sessions share the process; NULL: it is a notice. */
	void (*heading)(void *context, const char *text);
	void (*hung_up)(void *context); /* SIGHUP, where it is noted: time to reopen logs */
	/* One of the sessions that share this process is over. */
	void (*ended)(void *context, const struct relay_result *result, const struct err *err);
};

struct relay_options {
	struct addr_context address;
	enum addr_direction left; /* DIR_BOTH, or one for -u and -U */
	int64_t closing_wait;	  /* microseconds of silence after the first end */
	int64_t idle_limit;	  /* microseconds of silence at any time; <0: none */
	int64_t packet_idle_limit; /* the same for peers who cannot say that they go; 0: none */
	/* What a limit, or a program that does not read, leaves undelivered is an error. */
	bool losses_fail;
	bool dump_text, dump_hex; /* copies of the data to dump_fd */
	int dump_fd;
	const char *raw_left, *raw_right; /* files for raw copies, or NULL */
	bool statistics;		  /* hooks.counts at the end */
	size_t bulk_size;		  /* of one read between streams; 0: block_size */
	bool sessions_survive;		  /* a signal ends only the listener (engine.h) */
	const char *version;		  /* for the environment of programs */
	struct relay_hooks hooks;
};

enum relay_failure {
	RELAY_FINE,
	RELAY_BAD_ADDRESS, /* text of an address is wrong; nothing was opened */
	RELAY_NOT_OPENED,
	RELAY_CUT,	   /* reading or writing failed during the transfer */
	RELAY_CANCELED,	   /* a signal ended it: signals_ending() */
	RELAY_PROGRAM,	   /* all data went through, but a program failed */
	RELAY_REPLACED,	   /* nofork: a program took over; exit_status is its */
};

struct relay_result {
	enum relay_failure failure;
	const char *address; /* the text that is wrong (RELAY_BAD_ADDRESS) */
	int exit_status;     /* of RELAY_REPLACED */
};

/* Opens both addresses and moves data until the end.  With fork it may return in
 * several processes, once in each.  0, or negative with the sentence in err (for
 * all but RELAY_CANCELED and RELAY_PROGRAM). */
int relay_run(const struct relay_options *options, const char *left, const char *right,
	      struct relay_result *ret, struct err *err);
