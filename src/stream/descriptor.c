/* SPDX-License-Identifier: MIT */
/*
 * Streams over descriptors.
 *
 * Reads and writes must not block, but the descriptor's own mode may be shared
 * with other processes (a terminal, a pipe of the shell), so it is not touched.
 * Sockets are used with MSG_DONTWAIT.  Everything else is read only when poll(2)
 * said so.  A pipe is written with RWF_NOWAIT, or, where the kernel has that not,
 * at most PIPE_BUF bytes at a time, which never blocks after POLLOUT (pipe(7)).
 * A terminal has neither, and may be stopped (Ctrl-S) at any time: it is written
 * through an open file of our own.
 */

#include "stream/stream.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t file_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n;

	do {
		if (!fd_is_ready(s->rfd, POLLIN))
			return -EAGAIN;
		n = read(s->rfd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static ssize_t file_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n;

	do
		n = write(s->wfd, buf, len);
	while (n < 0 && errno == EINTR && fd_is_ready(s->wfd, POLLOUT));
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

/* The room of a pseudo terminal comes by 256 bytes, and a line feed may take two. */
enum { TERMINAL_PIECE = 128 };

static ssize_t write_a_piece(struct stream *s, const void *buf, size_t len, size_t most)
{
	return fd_is_ready(s->wfd, POLLOUT) ? file_write(s, buf, MIN(len, most)) : -EAGAIN;
}

static ssize_t pieces_write(struct stream *s, const void *buf, size_t len)
{
	return write_a_piece(s, buf, len, PIPE_BUF);
}

static ssize_t small_write(struct stream *s, const void *buf, size_t len)
{
	return write_a_piece(s, buf, len, TERMINAL_PIECE);
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

static ssize_t pipe_write(struct stream *s, const void *buf, size_t len);
static ssize_t terminal_write(struct stream *s, const void *buf, size_t len);
static void terminal_done(struct stream *s);

/* One row per pair of ways, [reading][writing]. */
enum reading { READ_FILE, READ_SOCKET, READINGS };
enum writing {
	WRITE_FILE,	/* of our own, non-blocking, or one that makes nobody wait */
	WRITE_PIPE,
	WRITE_PIECES,	/* a pipe, without RWF_NOWAIT */
	WRITE_TERMINAL,
	WRITE_SMALL,	/* a terminal that cannot be opened again */
	WRITE_SOCKET,
	WRITINGS
};

static const struct stream_ops ops[READINGS][WRITINGS] = {
	[READ_FILE] = {
		[WRITE_FILE] = { file_read, file_write },
		[WRITE_PIPE] = { file_read, pipe_write },
		[WRITE_PIECES] = { file_read, pieces_write },
		[WRITE_TERMINAL] = { file_read, terminal_write, .done = terminal_done },
		[WRITE_SMALL] = { file_read, small_write },
		[WRITE_SOCKET] = { file_read, socket_write, .send = socket_send },
	},
	[READ_SOCKET] = {
		[WRITE_FILE] = { socket_read, file_write, .receive = socket_receive },
		[WRITE_PIPE] = { socket_read, pipe_write, .receive = socket_receive },
		[WRITE_PIECES] = { socket_read, pieces_write, .receive = socket_receive },
		[WRITE_TERMINAL] = { socket_read, terminal_write, .done = terminal_done,
				     .receive = socket_receive },
		[WRITE_SMALL] = { socket_read, small_write, .receive = socket_receive },
		[WRITE_SOCKET] = { socket_read, socket_write, .receive = socket_receive,
				   .send = socket_send },
	},
};

/* From now on, and now: what was learnt about the descriptor. */
static ssize_t write_as(struct stream *s, enum writing writing, const void *buf, size_t len)
{
	s->ops = &ops[s->ops->receive ? READ_SOCKET : READ_FILE][writing];
	return s->ops->write(s, buf, len);
}

static ssize_t pipe_write(struct stream *s, const void *buf, size_t len)
{
	const struct iovec all = { .iov_base = (void *)(uintptr_t)buf, .iov_len = len };
	ssize_t n = pwritev2(s->wfd, &all, 1, -1, RWF_NOWAIT);

	if (n >= 0)
		return n;
	if (errno == EOPNOTSUPP || errno == ENOSYS)
		return write_as(s, WRITE_PIECES, buf, len);
	return errno == EINTR ? -EAGAIN : -errno;
}

/* A terminal that others use, too, opened once more: that open file is ours alone. */
struct terminal {
	int fd;
};

/* The descriptor, or -1.  Whoever opens a master again gets another terminal. */
static int open_again(int fd)
{
	char path[32];
	unsigned int number;

	if (ioctl(fd, TIOCGPTN, &number) == 0)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* The first write tells that it is really written. */
static ssize_t begin_terminal(struct stream *s, const void *buf, size_t len)
{
	struct terminal *terminal;
	int fd;

	if (s->end != END_KEEP && fd_set_nonblock(s->wfd, true) == 0) {
		s->nonblocking = true;
		return write_as(s, WRITE_FILE, buf, len);
	}
	fd = open_again(s->wfd);
	if (fd < 0)
		return write_as(s, WRITE_SMALL, buf, len);
	s->state = terminal = new_object(struct terminal);
	terminal->fd = fd;
	return terminal_write(s, buf, len);
}

static ssize_t terminal_write(struct stream *s, const void *buf, size_t len)
{
	const struct terminal *terminal = s->state;
	ssize_t n;

	if (!terminal)
		return begin_terminal(s, buf, len);
	n = write(terminal->fd, buf, len);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static void terminal_done(struct stream *s)
{
	struct terminal *terminal = take_ptr(s->state);

	if (terminal)
		(void)close(terminal->fd);
	free(terminal);
}

bool stream_is_plain(const struct stream *s)
{
	return s->ops >= &ops[0][0] && s->ops <= &ops[READINGS - 1][WRITINGS - 1] && !s->packets;
}

static enum reading reading_of(int fd)
{
	return fd >= 0 && fd_type(fd) == S_IFSOCK ? READ_SOCKET : READ_FILE;
}

/* What is non-blocking may be written at any length. */
static enum writing writing_of(int fd)
{
	int type = fd < 0 ? 0 : fd_type(fd);

	if (type == S_IFSOCK)
		return WRITE_SOCKET;
	if ((type != S_IFIFO && type != S_IFCHR) || fcntl(fd, F_GETFL) & O_NONBLOCK)
		return WRITE_FILE;
	if (type == S_IFIFO)
		return WRITE_PIPE;
	return isatty(fd) ? WRITE_TERMINAL : WRITE_FILE;
}

static struct stream *new_stream(enum reading reading, enum writing writing, int rfd, int wfd,
				 enum stream_end end)
{
	struct stream *s = new_object(struct stream);

	s->ops = &ops[reading][writing];
	s->rfd = rfd;
	s->wfd = wfd;
	s->end = (uint8_t)end;
	return s;
}

struct stream *stream_new(int rfd, int wfd, enum stream_end end)
{
	return new_stream(reading_of(rfd), writing_of(wfd), rfd, wfd, end);
}

struct stream *stream_new_socket(int rfd, int wfd, enum stream_end end)
{
	return new_stream(READ_SOCKET, WRITE_SOCKET, rfd, wfd, end);
}
