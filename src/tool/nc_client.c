/* SPDX-License-Identifier: MIT */
/* The client: port after port, address after address, until one answers. */

#include "base/clock.h"
#include "net/connect.h"
#include "net/resolve.h"
#include "task/task.h"
#include "tool/nc_report.h"
#include "tool/nc_role.h"
#include "tool/nc_socket.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { PROBE_SECONDS = 3 }; /* how long a UDP port may stay silent to be open */

static int bind_source(const struct nc_options *o, int fd, int family, struct err *err)
{
	auto_addresses local = { 0 };
	struct net_query query = {
		.host = o->source,
		.service = o->source_port,
		.family = family,
		.type = o->datagram ? SOCK_DGRAM : SOCK_STREAM,
		.protocol = nc_socket_protocol(o),
		.passive = true,
		.numeric = o->numeric,
	};
	int r;

	if (!o->source && !o->source_port)
		return 0;
	r = net_resolve(&query, &local, NULL);
	if (r < 0)
		return err_set(err, r, "getaddrinfo: %s", net_reason(r));
	if (bind(fd, &local.items[0].any, local.items[0].len) < 0)
		return err_set(err, -errno, "bind failed: %s", err_reason(-errno));
	return 0;
}

/* connect(2) with the limit of -w, whose expiry is told as -EINPROGRESS. */
static int connect_in_time(const struct nc_options *o, int fd, const struct net_address *to)
{
	int64_t limit = o->timeout > 0 ? clock_after(o->timeout * CLOCK_US_PER_S) : CLOCK_NEVER;
	int64_t before = task_deadline(limit);
	int r;

	r = net_connect(fd, to);
	(void)task_deadline(before);
	return r == -ETIMEDOUT && clock_now() >= limit ? -EINPROGRESS : r;
}

/* 1 and the connected socket, 0 if this address cannot be reached, or what
 * ends the program. */
static int try_address(const struct nc_options *o, const struct net_address *to, int *ret_fd,
		       struct err *err)
{
	auto_close int fd = nc_socket_open(o, to);
	int r;

	if (fd < 0)
		return 0;
	r = bind_source(o, fd, to->any.sa_family, err);
	if (r < 0)
		return r;
	r = nc_socket_tune(fd, to->any.sa_family, o, err);
	if (r < 0)
		return r;

	r = connect_in_time(o, fd, to);
	if (r == -ECANCELED)
		return r;
	if (r < 0) {
		nc_report_failed(o, to, r);
		return 0;
	}
	*ret_fd = take_fd(&fd);
	return 1;
}

/* The same for all addresses that the host has, in the resolver's order. */
static int connect_port(const struct nc_options *o, uint16_t port, int *ret_fd,
			struct net_address *ret_to, struct err *err)
{
	auto_addresses list = { 0 };
	struct net_query query = {
		.host = o->host,
		.family = o->family,
		.type = o->datagram ? SOCK_DGRAM : SOCK_STREAM,
		.protocol = nc_socket_protocol(o),
		.numeric = o->numeric,
	};
	int r;

	r = net_resolve(&query, &list, NULL);
	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return err_set(err, r, "getaddrinfo for host \"%s\" port %u: %s", o->host, port,
			       net_reason(r));

	for (size_t i = 0; i < list.n; i++) {
		net_address_set_port(&list.items[i], port);
		r = try_address(o, &list.items[i], ret_fd, err);
		if (r != 0) {
			*ret_to = list.items[i];
			return r;
		}
	}
	return 0;
}

static bool is_refused(int fd)
{
	return send(fd, "X", 1, MSG_NOSIGNAL) < 0 && errno == ECONNREFUSED;
}

/* UDP has no handshake: a port is closed if the kernel was told so by ICMP
 * after something was sent, else it counts as open.  1 open, 0 closed, or
 * -ECANCELED. */
static int probe(const struct nc_options *o, int fd)
{
	long long seconds = o->timeout >= 0 ? o->timeout : PROBE_SECONDS;

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

/* What there is to do with a connected socket.  1 if it counts as success, 0
 * if not, or negative. */
static int use(const struct nc_options *o, int fd, const struct net_address *to, struct err *err)
{
	const struct nc_session session = nc_session_of(o, fd);
	int r;

	if (o->datagram && o->scan && o->verbose) {
		r = probe(o, fd);
		if (r <= 0)
			return r;
	}
	nc_report_connected(o, to);
	r = o->scan ? 0 : nc_relay(&session, err);
	return r < 0 ? r : 1;
}

int nc_client(const struct nc_options *o, struct err *err)
{
	int status = 1;
	int r;

	for (size_t i = 0; i < o->ports.n; i++) {
		auto_close int fd = -1;
		struct net_address to;

		r = connect_port(o, o->ports.items[i], &fd, &to, err);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		r = use(o, fd, &to, err);
		if (r < 0)
			return r;
		status = r ? 0 : 1;
	}
	return status;
}
