/* SPDX-License-Identifier: MIT */
/* Waiting connect and accept; see connect.h. */

#include "net/connect.h"

#include "base/fd.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

static int connect_and_wait(int fd, const struct net_address *to)
{
	socklen_t len = sizeof(int);
	int reason = 0;
	int r;

	if (connect(fd, &to->any, to->len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	/* Over loopback the handshake is over by now: asking costs less than being told. */
	r = fd_is_ready(fd, POLLOUT) ? 0 : task_wait(fd, POLLOUT);
	if (r < 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &len) < 0)
		return -errno;
	return -reason;
}

struct blocking_connect {
	int fd;
	const struct net_address *to;
};

static int blocking_main(void *arg)
{
	struct blocking_connect *c = arg;

	return connect(c->fd, &c->to->any, c->to->len) < 0 ? -errno : 0;
}

/* The listener's backlog is full: unix(7) has no other way to wait. */
static int wait_for_backlog(int fd, const struct net_address *to)
{
	struct blocking_connect c = { .fd = fd, .to = to };
	int r;

	(void)fd_set_nonblock(fd, false);
	r = task_offload(blocking_main, &c);
	(void)fd_set_nonblock(fd, true);
	return r;
}

int net_connect_nonblocking(int fd, const struct net_address *to)
{
	int r = connect_and_wait(fd, to);

	return r == -EAGAIN && to->any.sa_family == AF_UNIX ? wait_for_backlog(fd, to) : r;
}

int net_connect(int fd, const struct net_address *to)
{
	int flags = fcntl(fd, F_GETFL);
	int r;

	if (flags < 0)
		return -errno;
	if (flags & O_NONBLOCK)
		return connect_and_wait(fd, to);
	r = fd_set_nonblock(fd, true);
	if (r < 0)
		return r;
	r = net_connect_nonblocking(fd, to);
	(void)fd_set_nonblock(fd, false);
	return r;
}

static int accept_now(int fd, int flags, struct net_address *ret_peer)
{
	int connection;

	*ret_peer = (struct net_address){ .len = sizeof(ret_peer->storage) };
	connection = accept4(fd, &ret_peer->any, &ret_peer->len, flags | SOCK_CLOEXEC);
	if (connection < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return connection;
}

int net_accept(int fd, struct net_address *ret_peer)
{
	int r;

	do {
		r = task_wait(fd, POLLIN);
		if (r == 0)
			r = accept_now(fd, 0, ret_peer);
	} while (r == -EAGAIN);
	return r;
}

int net_accept_nonblocking(int fd, struct net_address *ret_peer, bool *ret_waited)
{
	int r = signals_ending() ? -ECANCELED : -EAGAIN;

	*ret_waited = false;
	while (r == -EAGAIN) {
		r = accept_now(fd, SOCK_NONBLOCK, ret_peer);
		if (r != -EAGAIN)
			break;
		*ret_waited = true;
		r = task_wait(fd, POLLIN);
		if (r == 0)
			r = -EAGAIN;
	}
	return r;
}
