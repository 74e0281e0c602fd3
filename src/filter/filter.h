/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The filter language of ss: `sport = :22 and not dst 10.0.0.0/8`.
 *
 *	text --filter_parse--> tree --filter_matches--> is this record wanted?
 *	                        `---filter_compile---> bytecode for the kernel
 *
 * Everything here is pure: names of hosts, services and devices are asked
 * through callbacks, so the language can be tested without a network.
 *
 * All operators have the same rank and group to the left, as in ss and unlike
 * its manual: `A or B and C` is `(A or B) and C`.
 */

#include "base/buf.h"
#include "base/err.h"
#include "diag/record.h"

enum {
	FILTER_NODES_MAX = 1 << 14,
	FILTER_NESTING_MAX = 256,
	FILTER_ADDRESSES_MAX = 64, /* of one host name */
	/* What is sent along with a request must fit into one message. */
	FILTER_BYTECODE_MAX = 1 << 14,
	FILTER_ANY_PORT = -1,
};

enum filter_side { FILTER_LOCAL, FILTER_PEER };

enum filter_kind {
	FILTER_AND,
	FILTER_OR,
	FILTER_NOT,
	FILTER_HOST,	/* address and port of one side */
	FILTER_PORT_GE, /* port of one side */
	FILTER_PORT_LE,
	FILTER_DEVICE,
	FILTER_MARK,
	FILTER_CGROUP,
	FILTER_AUTOBOUND,
};

/* The first bits of an address.  The number of a packet or netlink protocol
 * and a vsock cid are addresses of 32 bits in this machine's order. */
struct filter_prefix {
	uint8_t family; /* AF_, or AF_UNSPEC */
	uint8_t bits;
	uint8_t address[16];
};

struct filter_host {
	struct filter_prefix *prefixes; /* one of them must match; none: any address */
	size_t count;
	char *pattern; /* unix: of the name; then prefixes and port say nothing */
	int32_t port;  /* or FILTER_ANY_PORT */
};

struct filter_node {
	enum filter_kind kind;
	enum filter_side side; /* of host and port conditions */
	union {
		struct {
			uint32_t left, right; /* indices; right only of AND and OR */
		} operands;
		struct filter_host host;
		int32_t port;
		uint32_t device;
		struct {
			uint32_t value, mask;
		} mark;
		uint64_t cgroup;
	};
};

struct filter {
	struct filter_node *nodes; /* operands stand before what uses them; the last is the root */
	size_t count;		   /* 0: everything matches */
	size_t room;
	int family;		 /* the family that host conditions chose last, or AF_UNSPEC */
	int range_low, range_high; /* of ports nobody chose, both inclusive */
};

#define auto_filter __attribute__((__cleanup__(filter_done))) struct filter

/* What a name may stand for. */
enum filter_name {
	FILTER_NAME_TCP_SERVICE,
	FILTER_NAME_UDP_SERVICE,
	FILTER_NAME_DEVICE,
	FILTER_NAME_ETHERNET, /* protocol of packet sockets */
	FILTER_NAME_NETLINK,  /* protocol of netlink sockets */
	FILTER_NAME_CGROUP,
};

/* Who knows names, and what holds before the first word. */
struct filter_context {
	/* The number of a name: 0, or negative and perhaps a sentence in err. */
	int (*number)(void *context, enum filter_name kind, const char *name, uint64_t *ret,
		      struct err *err);
	/* The addresses of a host (family AF_INET or AF_INET6), at most `room`;
	 * returns how many, 0 when it is not known. */
	size_t (*addresses)(void *context, const char *host, int family, struct filter_prefix *ret,
			    size_t room);
	void *context;
	int preferred;	    /* family of conditions that name none, or AF_UNSPEC */
	diag_tables tables; /* decide whose services name ports */
	int range_low, range_high;
};

/*
 * Reads an expression.  Blanks, tabs and line feeds separate words; a backslash
 * takes the next character as it is.
 *
 * Returns 0; -EBADMSG for a syntax error; -EINVAL for a value that cannot be
 * read; -E2BIG for too much of it.  err has the sentence (of one or two lines)
 * as ss writes it, and where in the text the trouble is.
 */
int filter_parse(const char *text, const struct filter_context *context, struct filter *ret,
		 struct err *err);
void filter_done(struct filter *filter);

/* Is the record wanted?  Records of the running kernel are judged as the
 * kernel's own filter judges them; others as ss does, which compares an IPv4
 * prefix with the beginning of any address. */
bool filter_matches(const struct filter *filter, const struct sock_record *record);

/*
 * The expression as a program for INET_DIAG_REQ_BYTECODE.  false, and nothing
 * in ret, when it has conditions that the kernel cannot judge or is too long:
 * then every socket must be looked at.
 */
bool filter_compile(const struct filter *filter, struct buf *ret);
