/* SPDX-License-Identifier: MIT */
/* splice(2) and sendfile(2); see nc_bulk.h. */

#include "tool/nc_bulk.h"

#include "base/fd.h"
#include "task/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENOUGH = 3, LARGE = 4096, PIPE_SIZE = 256 * 1024, PORTION = 1 << 20, BLOCK = 4096 };

/* Does it never make us wait for others, and may it be spliced into? */
static bool takes_all(int fd, int type)
{
	if (type != S_IFREG && (type != S_IFCHR || isatty(fd)))
		return false;
	return !(fcntl(fd, F_GETFL) & O_APPEND);
}

static enum nc_bulk_how way_between(int from, int to)
{
	int source = fd_type(from), destination = fd_type(to);

	if (source == S_IFREG && destination == S_IFSOCK)
		return NC_BULK_SENDFILE;
	if ((source == S_IFIFO && destination == S_IFSOCK) ||
	    (source == S_IFSOCK && destination == S_IFIFO))
		return NC_BULK_SPLICE;
	if (source == S_IFSOCK && takes_all(to, destination))
		return NC_BULK_DUCT;
	return NC_BULK_NONE;
}

void nc_bulk_init(struct nc_bulk *b, int from, int to)
{
	*b = (struct nc_bulk){ .how = way_between(from, to), .from = from, .to = to };
	if (signals_fd() < 0)
		b->how = NC_BULK_NONE; /* SIGPIPE is not ignored, and no flag keeps it back */
}

void nc_bulk_done(struct nc_bulk *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(b->duct); i++)
		if (b->duct[i])
			(void)close(b->duct[i]);
}

void nc_bulk_note(struct nc_bulk *b, ssize_t len)
{
	if (len < LARGE)
		b->large = 0;
	else if (b->large < ENOUGH)
		b->large++;
}

bool nc_bulk_is_on(const struct nc_bulk *b)
{
	return b->how != NC_BULK_NONE && b->large == ENOUGH;
}

/* Neither call has a flag that would do for sockets of all kernels.  A larger pipe
 * means fewer turns; if it cannot be had, it stays as it is. */
static int prepare(struct nc_bulk *b)
{
	bool sends = fd_type(b->to) == S_IFSOCK;

	if (b->is_prepared)
		return 0;
	b->is_prepared = true;
	if (b->how == NC_BULK_DUCT) {
		if (pipe2(b->duct, O_CLOEXEC) < 0)
			return -errno;
		(void)fcntl(b->duct[1], F_SETPIPE_SZ, PIPE_SIZE);
	}
	if (b->how == NC_BULK_SPLICE)
		(void)fcntl(sends ? b->from : b->to, F_SETPIPE_SZ, PIPE_SIZE);
	return fd_set_nonblock(sends ? b->to : b->from, true);
}

/* What splice(2) refuses goes by hand; what cannot be written at all would have been
 * lost in a buffer, too, and the next write will say so. */
static void empty_duct_by_hand(const struct nc_bulk *b, size_t len)
{
	char block[BLOCK];
	ssize_t n;

	while (len && (n = read(b->duct[0], block, MIN(len, sizeof(block)))) > 0) {
		len -= (size_t)n;
		if (fd_write_all(b->to, block, (size_t)n) < 0)
			return;
	}
}

static ssize_t move_through_duct(const struct nc_bulk *b)
{
	ssize_t n =
		splice(b->from, NULL, b->duct[1], NULL, PORTION, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	size_t left = n > 0 ? (size_t)n : 0;

	while (left) {
		ssize_t out = splice(b->duct[0], NULL, b->to, NULL, left, SPLICE_F_MOVE);

		if (out <= 0) {
			empty_duct_by_hand(b, left);
			errno = EINVAL;
			return -1;
		}
		left -= (size_t)out;
	}
	return n;
}

static ssize_t move(const struct nc_bulk *b)
{
	if (b->how == NC_BULK_DUCT)
		return move_through_duct(b);
	if (b->how == NC_BULK_SENDFILE)
		return sendfile(b->to, b->from, NULL, PORTION);
	return splice(b->from, NULL, b->to, NULL, PORTION, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

ssize_t nc_bulk_move(struct nc_bulk *b)
{
	ssize_t n;

	b->is_stalled = false;
	n = prepare(b) < 0 ? -1 : move(b);
	if (n >= 0)
		return n;
	if (errno == EINTR)
		return -EAGAIN;
	if (errno == EAGAIN) {
		b->is_stalled = !fd_is_ready(b->to, POLLOUT);
		return -EAGAIN;
	}
	b->how = NC_BULK_NONE;
	return -ENOTSUP;
}
