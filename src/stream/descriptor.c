/* SPDX-License-Identifier: MIT */
/*
 * Streams over descriptors.
 *
 * Reads and writes must not block, but the descriptor's own mode may be shared
 * with other processes (a terminal, a pipe of the shell), so it is not touched.
 * Sockets are used with MSG_DONTWAIT.  Everything else is read only when poll(2)
 * said so; a pipe is written at most PIPE_BUF bytes at a time, which never
 * blocks after POLLOUT (pipe(7)).
 */

#include "stream/stream.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_ready(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) > 0;
}

static ssize_t file_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n;

	do {
		if (!is_ready(s->rfd, POLLIN))
			return -EAGAIN;
		n = read(s->rfd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* A terminal that is stopped holds a write back until a signal comes. */
static ssize_t file_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n;

	do
		n = write(s->wfd, buf, len);
	while (n < 0 && errno == EINTR && is_ready(s->wfd, POLLOUT));
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static ssize_t pipe_write(struct stream *s, const void *buf, size_t len)
{
	if (!is_ready(s->wfd, POLLOUT))
		return -EAGAIN;
	return file_write(s, buf, MIN(len, (size_t)PIPE_BUF));
}

static ssize_t socket_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n = recv(s->rfd, buf, len, MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static ssize_t socket_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = send(s->wfd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static int socket_receive(struct stream *s, struct net_batch *batch, size_t most)
{
	return net_batch_receive(s->rfd, batch, most);
}

static int socket_send(struct stream *s, struct net_batch *batch, bool *runs)
{
	return net_batch_send(s->wfd, batch, NULL, runs);
}

/* One row per pair of kinds, [read side][write side]. */
enum kind { KIND_FILE, KIND_PIPE, KIND_SOCKET, KINDS };

static const struct stream_ops ops[KINDS][KINDS] = {
	[KIND_FILE] = { { file_read, file_write },
			{ file_read, pipe_write },
			{ file_read, socket_write, .send = socket_send } },
	[KIND_PIPE] = { { file_read, file_write },
			{ file_read, pipe_write },
			{ file_read, socket_write, .send = socket_send } },
	[KIND_SOCKET] = { { socket_read, file_write, .receive = socket_receive },
			  { socket_read, pipe_write, .receive = socket_receive },
			  { socket_read, socket_write, .receive = socket_receive,
			    .send = socket_send } },
};

bool stream_is_plain(const struct stream *s)
{
	return s->ops >= &ops[0][0] && s->ops <= &ops[KINDS - 1][KINDS - 1] && !s->packets;
}

/* A non-blocking pipe of our own may be written at any length. */
static enum kind kind_of(int fd)
{
	int type = fd < 0 ? 0 : fd_type(fd);

	if (type == S_IFSOCK)
		return KIND_SOCKET;
	if (type == S_IFIFO && !(fcntl(fd, F_GETFL) & O_NONBLOCK))
		return KIND_PIPE;
	return KIND_FILE;
}

static struct stream *new_of_kind(enum kind read_kind, enum kind write_kind, int rfd, int wfd,
				  enum stream_end end)
{
	struct stream *s = new_object(struct stream);

	s->ops = &ops[read_kind][write_kind];
	s->rfd = rfd;
	s->wfd = wfd;
	s->end = (uint8_t)end;
	return s;
}

struct stream *stream_new(int rfd, int wfd, enum stream_end end)
{
	return new_of_kind(kind_of(rfd), kind_of(wfd), rfd, wfd, end);
}

struct stream *stream_new_socket(int rfd, int wfd, enum stream_end end)
{
	return new_of_kind(KIND_SOCKET, KIND_SOCKET, rfd, wfd, end);
}
