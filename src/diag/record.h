/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One socket, whatever told us about it.
 *
 * All decoders fill this type, and filter/ and report/ see nothing else.  A
 * record is valid only during the call that hands it over: its byte ranges
 * point into the message or file it was read from.  Fields that a source may
 * leave out have a bit in `has`.
 */

#include "diag/table.h"

struct sock_bytes {
	const void *data;
	size_t len;
};

enum sock_field {
	HAS_SHUTDOWN = 1 << 0,
	HAS_V6ONLY = 1 << 1,
	HAS_MARK = 1 << 2,
	HAS_CGROUP = 1 << 3,
	HAS_MEMORY = 1 << 4,
	HAS_OLD_MEMORY = 1 << 5,
	HAS_FILE = 1 << 6,
	HAS_PROTOCOL = 1 << 8,
	HAS_DETAILS = 1 << 9, /* uid, cookie and timer are known */
};

enum sock_timer {
	TIMER_NONE,
	TIMER_RETRANSMIT,
	TIMER_KEEPALIVE,
	TIMER_TIME_WAIT,
	TIMER_PERSIST,
	TIMER_DELAYED_ACK,
};

struct sock_end {
	uint8_t address[16]; /* inet: 4 or 16 bytes, network order */
	uint32_t port;	     /* inet: port or raw protocol; unix: inode of that end */
};

struct sock_record {
	enum diag_table table;
	uint32_t has;	  /* enum sock_field */
	uint8_t family;	  /* AF_ */
	uint8_t type;	  /* SOCK_STREAM, ...: unix */
	uint8_t protocol; /* IPPROTO_ as reported */
	uint8_t state;	  /* enum sock_state; sctp associations: their own */
	uint8_t timer;	  /* enum sock_timer, or what a newer kernel says */
	uint8_t retransmits;
	uint8_t shutdown; /* bit 0: receiving is shut, bit 1: sending */
	uint8_t v6only;
	bool over_proc; /* read from a text file: fewer facts, other rules */
	uint32_t timer_ms;
	uint32_t receive_queue;
	uint32_t send_queue;
	uint32_t uid;
	uint32_t inode; /* 0: no process holds it */
	uint32_t mark;
	uint32_t interface; /* index of the device it is bound to, or 0 */
	uint64_t cookie;
	uint64_t cgroup;
	struct sock_end local, peer;
	struct sock_bytes memory;     /* uint32_t[]: enum sock_memory */
	struct sock_bytes old_memory; /* uint32_t[4]: rmem, wmem, fmem, tmem */
	struct sock_bytes name;	      /* unix: path, or a NUL and an abstract name */
	struct sock_bytes queues;     /* uint32_t[2]: unix, receiving and sending */
	struct sock_bytes file;	      /* uint32_t[2]: inode and device of the path */
	struct sock_bytes waiting;    /* uint32_t[]: inodes of connections not accepted yet */
	struct sock_bytes locals;     /* sctp: struct sockaddr_storage[] */
	struct sock_bytes peers;
	struct sock_bytes rest; /* text that followed what is known, over /proc */
};

/* Places in `memory`; older kernels send fewer. */
enum sock_memory {
	MEMORY_RECEIVE,
	MEMORY_RECEIVE_MAX,
	MEMORY_SEND,
	MEMORY_SEND_MAX,
	MEMORY_FORWARD,
	MEMORY_QUEUED,
	MEMORY_OPTIONS,
	MEMORY_BACKLOG,
	MEMORY_DROPS,
	MEMORY_FIELDS,
};

/* The n-th number of a range of uint32_t; 0 past its end. */
uint32_t sock_bytes_u32(const struct sock_bytes *bytes, size_t n);
