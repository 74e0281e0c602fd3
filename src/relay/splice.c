/* SPDX-License-Identifier: MIT */
/*
 * Splicing.
 *
 * One of the two descriptors of splice(2) must be a pipe.  If neither is, a duct is
 * borrowed from the stock between them, and given back as soon as it is empty and
 * the source has nothing more: an idle session holds no pipe.  If one of them is a
 * pipe, -EAGAIN does not say which of the two was not ready, so both are asked.
 *
 * Of a socket, splice(2) does not tell everything: before urgent data it says that there
 * is nothing, or, once the peer has ended, that this is the end.  Then a plain read goes
 * on and knows.
 *
 * splice(2) into a socket cannot be told to keep SIGPIPE back, so it is used only in
 * programs, which ignore the signal (signals.h).
 */

#include "relay/splice.h"

#include "base/fd.h"
#include "task/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

static ssize_t splice_once(int from, int to, size_t len)
{
	ssize_t n;

	do
		n = splice(from, NULL, to, NULL, len, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	while (n < 0 && errno == EINTR); /* it looks for signals before it begins */
	return n < 0 ? -errno : n;
}

/* A socket that others use, too, keeps its mode. */
static bool prepare_end(const struct stream *s, int fd)
{
	int type = fd_type(fd), flags;

	if (!stream_is_plain(s))
		return false;
	if (type == S_IFIFO || type == S_IFREG)
		return true;
	flags = type == S_IFSOCK ? fcntl(fd, F_GETFL) : -1;
	if (flags < 0)
		return false;
	return flags & O_NONBLOCK || (s->end != END_KEEP && fd_set_nonblock(fd, true) == 0);
}

static bool is_pipe(int fd)
{
	return fd_type(fd) == S_IFIFO;
}

/* A plain read is next, and splicing again when portions are large. */
static int read_plainly(struct flow *flow)
{
	flow->large = 0;
	return 1;
}

/* Not everything that can be written can be spliced to: not a file that is appended to.
 * The kernel says so before it looks into the pipe, so it is asked with an empty one. */
static enum flow_answer takes_splice(struct flow *flow)
{
	struct duct *duct = stock_take_duct(flow->stock);
	ssize_t n;

	if (!duct) {
		(void)read_plainly(flow);
		return FLOW_NOT_ASKED;
	}
	n = splice_once(duct->out, flow->to->wfd, 1);
	stock_give_duct(flow->stock, duct);
	return n == -EAGAIN ? FLOW_YES : FLOW_NO;
}

enum flow_answer splice_prepare(struct flow *flow)
{
	if (signals_fd() < 0 || !prepare_end(flow->from, flow->from->rfd) ||
	    !prepare_end(flow->to, flow->to->wfd))
		return FLOW_NO;
	flow->is_direct = is_pipe(flow->from->rfd) || is_pipe(flow->to->wfd);
	return flow->is_direct ? FLOW_YES : takes_splice(flow);
}

static size_t portion(const struct flow *flow, size_t most)
{
	return flow->bytes_left < 0 ? most : MIN(most, (size_t)flow->bytes_left);
}

static void note_portion(struct flow *flow, size_t len, size_t limit)
{
	flow_took(flow, len);
	flow_note_size(flow, len, limit);
}

/* From the source into the duct. */
static int fill(struct flow *flow, struct err *err)
{
	size_t len = portion(flow, flow->duct->size);
	ssize_t n = splice_once(flow->from->rfd, flow->duct->in, len);

	if (n == 0 || (n == -EAGAIN && flow->may_stop_short))
		return read_plainly(flow);
	if (n == -EAGAIN) {
		flow->readable = false;
		return 0;
	}
	if (n == -EINVAL)
		return -ENOTSUP;
	if (n < 0)
		return flow_read_failed(flow, (int)n, len, err);
	flow->duct->len = (size_t)n;
	note_portion(flow, (size_t)n, len);
	return 1;
}

/* From the duct into the destination. */
static int empty(struct flow *flow, bool *ret_over, struct err *err)
{
	struct duct *duct = flow->duct;
	size_t before = duct->len;

	while (duct->len) {
		ssize_t n = splice_once(duct->out, flow->to->wfd, duct->len);

		if (n == -EAGAIN) {
			flow->writable = false;
			return duct->len < before;
		}
		if (n < 0)
			return flow_write_failed(flow, (int)n, duct->len, ret_over, err);
		duct->len -= (size_t)n;
	}
	return 1;
}

static void give_back(struct flow *flow)
{
	stock_give_duct(flow->stock, flow->duct);
	flow->duct = NULL;
}

static int move_through_duct(struct flow *flow, bool *ret_over, struct err *err)
{
	int got, put = 0;

	if (!flow->duct)
		flow->duct = stock_take_duct(flow->stock);
	if (!flow->duct)
		return read_plainly(flow);
	got = flow->duct->len ? 0 : fill(flow, err);
	if (flow->duct->len)
		put = empty(flow, ret_over, err);
	if (!flow->duct->len && (got + put <= 0 || !flow->large || flow->state != FLOW_OPEN))
		give_back(flow);
	return got < 0 ? got : put < 0 ? put : got | put;
}

/* Which end was it?  Both are asked, because either may have changed since.  If it was
 * neither, trying again might go on for ever. */
static int ask_both(struct flow *flow)
{
	struct pollfd set[] = {
		{ .fd = flow->from->rfd, .events = POLLIN },
		{ .fd = flow->to->wfd, .events = POLLOUT },
	};

	if (poll(set, ARRAY_SIZE(set), 0) >= 0) {
		flow->readable = set[0].revents != 0;
		flow->writable = set[1].revents != 0;
	}
	return flow->readable && flow->writable ? read_plainly(flow) : 0;
}

/* A pipe can be read without trouble, and written unless nobody reads it. */
static int fail_directly(struct flow *flow, int code, size_t len, bool *ret_over, struct err *err)
{
	if (code == -EPIPE || is_pipe(flow->from->rfd))
		return flow_write_failed(flow, code, len, ret_over, err);
	return flow_read_failed(flow, code, len, err);
}

static int move_directly(struct flow *flow, bool *ret_over, struct err *err)
{
	size_t len = portion(flow, DUCT_SIZE);
	ssize_t n = splice_once(flow->from->rfd, flow->to->wfd, len);

	if (n == -EAGAIN)
		return ask_both(flow);
	if (n == -EINVAL)
		return -ENOTSUP;
	if (n < 0)
		return fail_directly(flow, (int)n, len, ret_over, err);
	if (n == 0)
		return read_plainly(flow);
	note_portion(flow, (size_t)n, len);
	return 1;
}

int splice_move(struct flow *flow, bool *ret_over, struct err *err)
{
	return flow->is_direct ? move_directly(flow, ret_over, err)
			       : move_through_duct(flow, ret_over, err);
}
