/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where the text files of the kernel are: below /proc, or where the
 * environment says (PROC_ROOT, PROC_NET_TCP, TCPDIAG_FILE, ...), which is how
 * recorded files are replayed.
 */

#include "base/base.h"

enum proc_file {
	PROC_TCP,
	PROC_TCP6,
	PROC_UDP,
	PROC_UDP6,
	PROC_RAW,
	PROC_RAW6,
	PROC_DCCP, /* these three exist no more; their variables still switch the table off */
	PROC_SCTP,
	PROC_MPTCP,
	PROC_UNIX,
	PROC_PACKET,
	PROC_NETLINK,
	PROC_SOCKSTAT,
	PROC_SOCKSTAT6,
	PROC_SNMP,
	PROC_PORT_RANGE,
	PROC_FILES, /* also: there is no such file */
};

enum { PLACES_PATH_MAX = 4096 };

struct diag_places {
	const char *root;	       /* "/proc" or PROC_ROOT */
	bool root_given;	       /* then sock_diag is not asked */
	const char *files[PROC_FILES]; /* from the environment, or NULL */
	const char *tcp_dump;	       /* TCPDIAG_FILE, or NULL */
};

/* Borrows the strings of the environment. */
void diag_places_init(struct diag_places *places);

/* The path of a file; out is PLACES_PATH_MAX bytes.  Returns out. */
const char *diag_places_path(const struct diag_places *places, enum proc_file file, char *out);

/* The range from which the kernel takes ports by itself, both ends inclusive;
 * 1024 to 4999 when the file cannot be read. */
void diag_port_range(const struct diag_places *places, int *ret_low, int *ret_high);
