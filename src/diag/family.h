/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * How to learn about the sockets of one source: a row per source, in the file
 * of its family.  A row says how to ask sock_diag, how to read its answer and
 * how to read a line of the text file that replaces it.  All functions are
 * pure.
 */

#include "base/buf.h"
#include "diag/diag.h"
#include "diag/places.h"
#include "diag/record.h"

enum { DIAG_HALVES = 2 };

struct diag_family {
	enum diag_table table; /* of the rows, unless the decoder knows better */
	diag_tables tables;    /* asked when one of these was chosen */
	uint16_t protocol;     /* IPPROTO_ for sock_diag */
	struct {
		uint8_t family; /* AF_, or 0: there is no second half */
		enum proc_file file;
	} halves[DIAG_HALVES];
	bool one_state; /* all rows are SOCK_CLOSE, and the kernel is not told states */
	diag_states never; /* no socket is listed in these states: not to be asked for */
	bool quiet;	/* a refusal needs no word: the fall-back is as good */

	/* Writes the request that follows the netlink header. */
	void (*request)(const struct diag_family *self, const struct diag_query *query,
			uint8_t family, struct buf *out);

	/* The same for both halves at once, with the type of its message; 0: there is none.
	 * Answers begin with the family of the socket. */
	uint16_t joint_type;
	void (*joint_request)(const struct diag_family *self, const struct diag_query *query,
			      struct buf *out);

	/* The payload of one answer, or a line of the file, as a record.  0, or
	 * -EBADMSG when it is none.  `ret` was zeroed, table and family set.
	 * Without parse there is no file that could replace the kernel. */
	int (*decode)(const void *payload, size_t len, struct sock_record *ret);
	int (*parse)(const char *line, size_t len, struct sock_record *ret);

	/* The order of rows from the file; NULL: as they stand there. */
	int (*compare)(const void *a, const void *b);
};

extern const struct diag_family diag_tcp;
extern const struct diag_family diag_udp;
extern const struct diag_family diag_raw;
extern const struct diag_family diag_dccp;
extern const struct diag_family diag_sctp;
extern const struct diag_family diag_mptcp;
extern const struct diag_family diag_unix;
extern const struct diag_family diag_packet;
extern const struct diag_family diag_netlink;
extern const struct diag_family diag_vsock;
extern const struct diag_family diag_tipc;
extern const struct diag_family diag_xdp;
