/* SPDX-License-Identifier: MIT */
#pragma once

/* The channel between this process and a program that it starts: one UNIX socket,
 * two pipes, or a pseudo terminal. */

#include "addr/pty.h"

enum channel_kind { CHANNEL_SOCKET, CHANNEL_PIPES, CHANNEL_PTY, CHANNEL_KINDS };

struct channel {
	enum channel_kind kind;
	int child_in, child_out;   /* what the program reads and writes; -1: inherited */
	int parent_in, parent_out; /* ours; -1: this direction is not wanted */
	struct pty pty;		   /* CHANNEL_PTY: owns the descriptors */
};

#define CHANNEL_NONE                                                                               \
	{                                                                                          \
		.child_in = -1, .child_out = -1, .parent_in = -1, .parent_out = -1,                \
		.pty = { .master = -1, .slave = -1 }                                               \
	}

/* Opens the kind that the options ask for and applies the options of our end. */
int channel_open(struct opening *o, struct channel *c);
void channel_done(struct channel *c);

/* "socket", "pipes", "pty" */
const char *channel_word(const struct channel *c);

/* A stream of our end, which it takes over. */
struct stream *channel_stream(const struct opening *o, struct channel *c);
