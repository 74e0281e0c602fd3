/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What is removed or put back when its stream goes.  Each remembers the process that made
 * it: in a forked child nothing of it happens.
 */

#include "base/base.h"

#include <net/if.h>
#include <termios.h>

/* An entry in the file system, or the name of a message queue. */
struct owned_path {
	char *path; /* NULL: nothing */
	pid_t owner;
	bool queue; /* mq_unlink(3) */
};

/* It is ours from now on: copies the path or name. */
void owned_path_set(struct owned_path *owned, const char *path);
void owned_path_set_queue(struct owned_path *owned, const char *name);

/* Removes it, if it is this process's; trouble is a warning. */
void owned_path_done(struct owned_path *owned);

/* Settings of terminals. */
struct saved_terminal {
	struct saved_terminal *next;
	int fd;
	pid_t owner;
	struct termios settings;
};

/* Adds those that a terminal has now, once for each descriptor.  Not a terminal: nothing
 * happens. */
void saved_terminal_take(struct saved_terminal **list, int fd);

/* Puts all back and frees them. */
void saved_terminals_restore(struct saved_terminal *list);

/* Flags that a network interface had before ours. */
struct saved_interface {
	char name[IFNAMSIZ];
	pid_t owner;
	uint16_t flags;
};

/* Remembers them; *saved is the caller's, to be freed. */
void saved_interface_take(struct saved_interface **saved, const char *name, uint16_t flags);

/* Puts them back through a socket of its network namespace; NULL: nothing happens. */
void saved_interface_restore(const struct saved_interface *saved, int fd);
