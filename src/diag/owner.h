/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which processes hold a socket: a map from inodes, made by one pass over the
 * processes below /proc.  Made only when somebody asks, because the pass reads
 * every descriptor of the host.
 */

#include "base/err.h"
#include "diag/record.h"

enum { OWNER_NAME_MAX = 15 }; /* what the kernel keeps of a name */

struct owner {
	int pid;
	int tid; /* the thread; the process itself has tid == pid */
	int fd;
	char name[OWNER_NAME_MAX + 1]; /* raw, as the process chose it */
};

struct owners;

#define auto_owners __attribute__((__cleanup__(owners_cleanup))) struct owners *

/* Reads all processes below root ("/proc"); with threads, each thread by
 * itself too.  What may not be read is left out.  0 or -errno. */
int owners_scan(const char *root, bool threads, struct owners **ret, struct err *err);
void owners_free(struct owners *owners);
void owners_cleanup(struct owners **owners);

/* The owners of an inode, the newest descriptor of the newest process first:
 *	for (i = owners_first(o, inode); i; i = owners_next(o, i))
 *		owners_get(o, i, &owner);
 * Inode 0 has none.  0 ends the list. */
size_t owners_first(const struct owners *owners, uint32_t inode);
size_t owners_next(const struct owners *owners, size_t i);
void owners_get(const struct owners *owners, size_t i, struct owner *ret);

/* Why nobody is known to hold this socket:
 *	"no permission"		descriptors of some processes may not be read
 *	"other pid namespace"	the process may be where we cannot look
 *	"kernel"		no process holds it (any more): the kernel does
 *	"vanished"		it had a process, which closed it after the listing or
 *				opened it after the look-up
 * Asks the kernel about the socket when nothing else tells. */
const char *owners_why(const struct owners *owners, const struct sock_record *record);

/* The name in the text of a stat file: what is between the first opening and
 * the first closing bracket; "" if there is none.  Pure. */
void owner_parse_name(const char *stat, size_t len, char ret[OWNER_NAME_MAX + 1]);

/* The number in the target of a descriptor's link, "socket:[123]".  false:
 * it is no socket.  Pure. */
bool owner_parse_link(const char *link, size_t len, uint32_t *ret_inode);
