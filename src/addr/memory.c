/* SPDX-License-Identifier: MIT */
/* Streams within the process, and named pipes: PIPE, SOCKETPAIR, TEXT, STALL. */

#include "addr/families.h"
#include "addr/file.h"
#include "addr/socket.h"
#include "base/fd.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe whose ends never block us. */
static int new_pipe(struct opening *o, struct stream **ret)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(o->err, -errno, "pipe(): %s", err_reason(-errno));
	*ret = stream_new(fds[0], fds[1], END_CLOSE);
	(*ret)->nonblocking = true;
	return 0;
}

static int open_unnamed(struct opening *o, struct stream **ret)
{
	auto_stream s = NULL;
	int size, r;

	r = new_pipe(o, &s);
	if (r < 0)
		return r;
	s->shut = SHUT_CLOSE;
	r = opening_apply_both(o, PHASE_FD, s->rfd, s->wfd);
	if (r < 0)
		return r;
	size = fcntl(s->wfd, F_GETPIPE_SZ);
	if (size >= 0 && (size_t)size < o->context->block_size)
		log_warn("pipe buffer of %d bytes is smaller than the block size %zu, transfers "
			 "might block; use option f-setpipe-sz!",
			 size, o->context->block_size);
	log_notice("writing to and reading from unnamed pipe");
	*ret = take_ptr(s);
	return 0;
}

/* Makes the FIFO if nothing is there.  1: it was made. */
static int make_fifo(struct opening *o, const char *path)
{
	mode_t mode = file_mode(o);
	struct stat st;

	if (stat(path, &st) == 0)
		return 0;
	if (mkfifo(path, mode) < 0)
		return err_set(o->err, -errno, "mkfifo(\"%s\", 0%03o): %s", path, mode,
			       err_reason(-errno));
	log_notice("created named pipe \"%s\" for %s", path, file_direction_words(o->wanted));
	return 1;
}

static int open_named(struct opening *o, struct stream **ret)
{
	const char *path = o->address->params[0];
	int flags = file_access_flags(o->wanted);
	struct owned_path made = { 0 };
	int fd, r;

	r = file_prepare(o, path);
	if (r < 0)
		return r;
	r = make_fifo(o, path);
	if (r < 0)
		return r;
	if (r == 0)
		file_tell_opening(o, path);
	if (r > 0 && o->address->settings.unlink_close != 0)
		owned_path_set(&made, path);
	/* Before the open, which may wait for a peer that needs the right owner. */
	if (r > 0) {
		flags |= O_NOFOLLOW;
		r = opening_apply_new(o, PHASE_FD, path);
	}
	if (r == 0) {
		fd = file_open(o, path, flags);
		r = fd < 0 ? fd : file_stream(o, fd, path, ret);
	}
	if (r < 0) {
		owned_path_done(&made);
		return r;
	}
	if (made.path) {
		free((*ret)->path.path); /* the same, when unlink-close was given */
		(*ret)->path = made;
	}
	return 0;
}

static int open_pipe(struct opening *o, struct stream **ret)
{
	return o->address->n_params ? open_named(o, ret) : open_unnamed(o, ret);
}

static int open_socketpair(struct opening *o, struct stream **ret)
{
	auto_stream s = NULL;
	struct socket_kind kind;
	int fds[2], r;

	r = socket_new_pair(o, &kind, fds);
	if (r < 0)
		return r;
	s = stream_new(fds[0], fds[1], END_CLOSE);
	s->packets = kind.type != SOCK_STREAM;
	s->shut = s->packets ? SHUT_CLOSE : SHUT_DOWN;
	r = opening_apply_both(o, PHASE_PASTSOCKET, fds[0], fds[1]);
	if (r == 0)
		r = opening_apply_both(o, PHASE_FD, fds[0], fds[1]);
	if (r == 0)
		r = opening_apply_both(o, PHASE_CONNECTED, fds[0], fds[1]);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

static int open_text(struct opening *o, struct stream **ret)
{
	const char *text = o->address->params[0];
	size_t len = strlen(text);
	auto_stream s = NULL;
	int r;

	if (o->wanted == DIR_WRITE)
		log_warn("TEXT: address is opened in write-only mode, data goes to stdout");
	r = new_pipe(o, &s);
	if (r < 0)
		return r;
	r = opening_apply_both(o, PHASE_FD, s->rfd, s->wfd);
	if (r == 0)
		r = fd_write_all(s->wfd, text, len);
	(void)close(take_fd(&s->wfd));
	if (r < 0)
		return r;
	*ret = stream_new_joined(take_ptr(s), stream_new(-1, STDOUT_FILENO, END_KEEP));
	(*ret)->writing->shut = SHUT_NONE;
	return 0;
}

/* Fills a pipe so that it is never writable. */
static void fill_pipe(int fd)
{
	static const char zeros[4096];

	while (write(fd, zeros, sizeof(zeros)) > 0)
		continue;
	while (write(fd, zeros, 1) > 0)
		continue;
}

/* Reading: a pipe nobody writes to, but could.  Writing: a full pipe. */
static int open_stall(struct opening *o, struct stream **ret)
{
	auto_stream reading = NULL;
	auto_stream writing = NULL;
	int r;

	r = new_pipe(o, &reading);
	if (r < 0)
		return r;
	r = new_pipe(o, &writing);
	if (r < 0)
		return r;
	writing->shut = SHUT_NONE;
	r = opening_apply_both(o, PHASE_FD, writing->rfd, writing->wfd);
	if (r < 0)
		return r;
	fill_pipe(writing->wfd);
	log_notice("writing to nothing");
	*ret = stream_new_joined(take_ptr(reading), take_ptr(writing));
	return 0;
}

static const struct addr_type rows[] = {
	{ "PIPE ECHO FIFO", "[:<filename>]", "give back what is written, or use a named pipe",
	  GROUP_FD | GROUP_FIFO | GROUP_NAMED | GROUP_OPEN, DIR_BOTH, 0, 1, open_pipe },
	{ "SOCKETPAIR", "", "give back what is written, keeping the packets",
	  GROUP_FD | GROUP_SOCKET, DIR_BOTH, 0, 0, open_socketpair,
	  .args = { .family = AF_UNIX, .type = SOCK_DGRAM } },
	{ "TEXT", ":<string>", "deliver the text, then the end", GROUP_FD | GROUP_FIFO, DIR_BOTH, 1,
	  1, open_text },
	{ "STALL", "", "never deliver and never take anything", GROUP_FD | GROUP_FIFO, DIR_BOTH, 0,
	  0, open_stall },
};

const struct addr_table memory_addresses = { rows, ARRAY_SIZE(rows) };
