/* SPDX-License-Identifier: MIT */
/* The client: port after port, until standard input has found somebody. */

#include "base/clock.h"
#include "task/task.h"
#include "tool/nc_dial.h"
#include "tool/nc_pass.h"
#include "tool/nc_role.h"

#include <errno.h>
#include <sys/socket.h>

enum { PROBE_SECONDS = 3 }; /* how long a UDP port may stay silent to be open */

static bool is_refused(int fd)
{
	return send(fd, "X", 1, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED;
}

/* UDP has no handshake: a port is closed if the kernel was told so by ICMP
 * after something was sent, else it counts as open.  1 open, 0 closed, or
 * -ECANCELED. */
static int probe(const struct nc_options *o, int fd)
{
	long long seconds = o->place.limit >= 0 ? o->place.limit : PROBE_SECONDS;

	if (send(fd, "X", 1, MSG_NOSIGNAL) < 0 || is_refused(fd))
		return 0;
	for (long long i = 0; i < seconds; i++) {
		int64_t before = task_deadline(clock_after(CLOCK_US_PER_S));
		int r = task_wait(fd, 0); /* an error is seen at once */

		(void)task_deadline(before);
		if (r == -ECANCELED)
			return r;
		if (is_refused(fd))
			return 0;
	}
	return 1;
}

/* What there is to do with a connected socket, which it takes over.  1 if it counts as
 * success, 0 if not, or negative. */
static int use(const struct nc_options *o, int fd, uint16_t port, const struct net_address *to,
	       struct err *err)
{
	auto_stream net = nc_stream(fd);
	struct nc_session session = nc_session_of(o);
	int r;

	if (o->place.datagram && o->scan && o->verbose) {
		r = probe(o, fd);
		if (r <= 0)
			return r;
	}
	if (o->place.observer)
		o->place.observer->connected(&o->place, to, port);
	session.net = net;
	r = 0;
	if (o->pass_socket)
		r = nc_pass_socket(fd, err);
	else if (!o->scan)
		r = nc_relay(&session, err);
	return r < 0 ? r : 1;
}

int nc_client(const struct nc_options *o, struct err *err)
{
	int status = 1;
	int r;

	for (size_t i = 0; i < o->ports.n; i++) {
		struct net_address to;
		int fd;

		r = nc_dial(&o->place, o->ports.items[i], &fd, &to, err);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		r = use(o, fd, o->ports.items[i], &to, err);
		if (r < 0)
			return r;
		status = r ? 0 : 1;
		if (o->pass_socket)
			break;
	}
	return status;
}
