/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What else /proc says of a process that holds a socket: its command line, its
 * user, and from its control group the systemd unit and the container.  Read
 * when first asked for, and remembered.
 */

#include "base/base.h"

enum { OWNER_UNIT_MAX = 255, OWNER_CONTAINER_MAX = 127, OWNER_COMMAND_MAX = 4096 };

/* What a control group's path says. */
struct owner_group {
	char unit[OWNER_UNIT_MAX + 1];		 /* "nginx.service"; "": none */
	char container[OWNER_CONTAINER_MAX + 1]; /* 64 hexadecimal digits, or a name; "": none */
};

struct owner_facts {
	bool uid_known;
	uint32_t uid;
	char *command; /* arguments, each ended by a NUL; NULL: a kernel thread, or gone */
	size_t command_len;
	struct owner_group group;
	int64_t started; /* seconds since 1970, or 0 */
};

struct owner_book;

#define auto_owner_book __attribute__((__cleanup__(owner_book_cleanup))) struct owner_book *

/* Borrows the root ("/proc"). */
struct owner_book *owner_book_new(const char *root);
void owner_book_free(struct owner_book *book);
void owner_book_cleanup(struct owner_book **book);

/* Never NULL: of a process that is gone nothing is known.  Stays valid. */
const struct owner_facts *owner_book_find(struct owner_book *book, int pid);

/* The text of /proc/PID/cgroup: lines "NUMBER:CONTROLLERS:PATH".  The line of
 * cgroup2 ("0::") counts, or that of systemd; the container may be in any.
 * Fills ret with "" where nothing is known.  Pure. */
void owner_parse_group(const char *text, size_t len, struct owner_group *ret);

/* When a process started, in clock ticks since boot: the 22nd word of its stat
 * file; false when there is none.  Pure. */
bool owner_parse_start(const char *stat, size_t len, uint64_t *ret_ticks);
