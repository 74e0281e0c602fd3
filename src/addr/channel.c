/* SPDX-License-Identifier: MIT */
/* Channels to programs; see channel.h.  What the program gets is opened here too, so
 * that a terminal is set up, and its failures are told, before anything is forked. */

#include "addr/channel.h"

#include "addr/socket.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *const words[] = {
	[CHANNEL_SOCKET] = "socket",
	[CHANNEL_PIPES] = "pipes",
	[CHANNEL_PTY] = "pty",
};
static_assert(ARRAY_SIZE(words) == CHANNEL_KINDS, "name every kind");

const char *channel_word(const struct channel *c)
{
	return words[c->kind];
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(take_fd(fd));
}

static void forget(struct channel *c)
{
	c->child_in = c->child_out = c->parent_in = c->parent_out = -1;
}

void channel_done(struct channel *c)
{
	if (c->kind == CHANNEL_PTY)
		forget(c);
	pty_done(&c->pty);
	if (c->child_out != c->child_in)
		close_one(&c->child_out);
	close_one(&c->child_in);
	if (c->parent_out != c->parent_in)
		close_one(&c->parent_out);
	close_one(&c->parent_in);
}

static int open_pipes(struct opening *o, struct channel *c)
{
	int fds[2];

	c->kind = CHANNEL_PIPES;
	if (o->wanted & DIR_READ) {
		if (pipe2(fds, O_CLOEXEC) < 0)
			return err_set(o->err, -errno, "pipe(): %s", err_reason(-errno));
		c->parent_in = fds[0];
		c->child_out = fds[1];
	}
	if (o->wanted & DIR_WRITE) {
		if (pipe2(fds, O_CLOEXEC) < 0)
			return err_set(o->err, -errno, "pipe(): %s", err_reason(-errno));
		c->child_in = fds[0];
		c->parent_out = fds[1];
		(void)fcntl(c->parent_out, F_SETFL, O_NONBLOCK);
	}
	return opening_apply_both(o, PHASE_FD, c->parent_in, c->parent_out);
}

static int open_socketpair(struct opening *o, struct channel *c)
{
	struct socket_kind kind;
	int fds[2], r;

	r = socket_new_pair(o, &kind, fds);
	if (r < 0)
		return r;
	log_info("socketpair(%d, %d, %d, {%d,%d}) -> 0", kind.family, kind.type, kind.protocol,
		 fds[0], fds[1]);
	c->kind = CHANNEL_SOCKET;
	c->parent_in = c->parent_out = fds[0];
	c->child_in = c->child_out = fds[1];
	r = opening_apply(o, PHASE_PASTSOCKET, fds[0], NULL);
	if (r == 0)
		r = opening_apply(o, PHASE_FD, fds[0], NULL);
	if (r == 0)
		r = opening_apply(o, PHASE_CONNECTED, fds[0], NULL);
	return r;
}

static int open_terminal(struct opening *o, struct channel *c)
{
	int r;

	c->kind = CHANNEL_PTY;
	r = pty_open(o, &c->pty);
	if (r < 0)
		return r;
	c->parent_in = c->parent_out = c->pty.master;
	c->child_in = c->child_out = c->pty.slave;
	return 0;
}

int channel_open(struct opening *o, struct channel *c)
{
	const struct settings *settings = &o->address->settings;

	if (settings->pty || settings->openpty || settings->ptmx)
		return open_terminal(o, c);
	return settings->pipes ? open_pipes(o, c) : open_socketpair(o, c);
}

/* The program has the slave open; its last close is the end. */
static struct stream *terminal_stream(const struct opening *o, struct channel *c)
{
	close_one(&c->pty.slave);
	forget(c);
	return pty_stream(o, &c->pty);
}

struct stream *channel_stream(const struct opening *o, struct channel *c)
{
	bool is_socket = c->kind == CHANNEL_SOCKET;
	struct stream *s;

	if (c->kind == CHANNEL_PTY)
		return terminal_stream(o, c);
	s = stream_new(o->wanted & DIR_READ ? c->parent_in : -1,
		       o->wanted & DIR_WRITE ? c->parent_out : -1,
		       is_socket ? END_SHUTDOWN : END_CLOSE);
	c->parent_in = c->parent_out = -1;
	s->shut = is_socket ? SHUT_DOWN : SHUT_CLOSE;
	s->nonblocking = !is_socket;
	s->packets = is_socket && o->address->settings.type > SOCK_STREAM;
	return s;
}
