/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The network namespaces of the host: those that have a name below /run/netns,
 * and those in which a process lives.
 */

#include "base/err.h"

struct owner_book;

struct namespace
{
	uint64_t inode;
	int pid;    /* the lowest of the processes in it, or 0: it has a name only */
	char *name; /* its name, else "host" for that of pid 1, else the container or unit
		     * of the process, else "net:[4026531840]" */
	char *path; /* what to open to enter it */
};

struct namespaces {
	struct namespace *list;
	size_t count;
};

#define auto_namespaces __attribute__((__cleanup__(namespaces_done))) struct namespaces

/* Namespaces with processes first, by pid.  root is "/proc", names "/run/netns".
 * 0 or -errno. */
int namespaces_find(const char *root, const char *names, struct owner_book *book,
		    struct namespaces *ret, struct err *err);
void namespaces_done(struct namespaces *namespaces);

/* Moves this thread into the namespace.  0 or -errno. */
int namespace_enter(const struct namespace *where, struct err *err);

/* The target of a link below /proc/PID/ns, "net:[4026531840]": its number; false when
 * it is none.  Pure. */
bool namespace_parse_link(const char *link, size_t len, uint64_t *ret_inode);
