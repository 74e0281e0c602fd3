/* SPDX-License-Identifier: MIT */
#pragma once

/* Pseudo terminals: what the address PTY and programs on a terminal share. */

#include "addr/addr.h"

enum { PTY_NAME_MAX = 64 };

struct pty {
	int master; /* non-blocking */
	int slave;  /* -1: not open here */
	char name[PTY_NAME_MAX];
	struct owned_path link;
};

#define auto_pty __attribute__((__cleanup__(pty_done))) struct pty
void pty_done(struct pty *pty);

/* Makes a pair, opens the slave too (but for PTY,ptmx) and applies what options say
 * about the terminal and its entries: owner and mode of the slave, terminal settings, the
 * link; then the other options of phase FD, on the master. */
int pty_open(struct opening *o, struct pty *ret);

/* Takes over master, slave and link. */
struct stream *pty_stream(const struct opening *o, struct pty *pty);
