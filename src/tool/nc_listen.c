/* SPDX-License-Identifier: MIT */
/* Listening on an IP address.  Without -6 and without an address this means
 * IPv4 only, as in every netcat of this family. */

#include "tool/nc_listen.h"

#include "base/fd.h"
#include "net/resolve.h"
#include "tool/nc_socket.h"

#include <errno.h>
#include <stdio.h>

enum { BACKLOG = 1 };

static int resolve(const struct nc_place *p, const char *port, struct net_addresses *ret,
		   struct err *err)
{
	const int wildcard = p->dual_stack ? AF_INET6 : AF_INET;
	struct net_query query = {
		.host = p->host,
		.service = *port ? port : "0",
		.family = p->family == AF_UNSPEC && !p->host ? wildcard : p->family,
		.type = nc_socket_type(p),
		.protocol = nc_socket_protocol(p),
		.passive = true,
		.numeric = p->numeric,
	};
	int r;

	r = net_resolve(&query, ret, NULL);
	if (r < 0 && r != -ECANCELED)
		return err_set(err, r, "getaddrinfo: %s", net_reason(r));
	return r;
}

/* Two listeners may share a port; not being able to is only worth a warning. */
static void share(const struct nc_place *p, int fd)
{
	static const struct {
		int name;
		const char *text;
	} rows[] = { { SO_REUSEADDR, "SO_REUSEADDR" }, { SO_REUSEPORT, "SO_REUSEPORT" } };
	const int on = 1;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (setsockopt(fd, SOL_SOCKET, rows[i].name, &on, sizeof(on)) < 0)
			fprintf(stderr, "%s: Couldn't set %s: %s\n", p->program, rows[i].text,
				err_reason(-errno));
}

/* Whatever net.ipv6.bindv6only says. */
static void take_both_families(const struct nc_place *p, int fd)
{
	const int off = 0;

	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0)
		fprintf(stderr, "%s: IPv6 only: %s\n", p->program, err_reason(-errno));
}

/* 0 and the bound socket, or why it is none. */
static int bind_address(const struct nc_place *p, const struct net_address *a, int *ret_fd,
			struct err *err)
{
	auto_close int fd = nc_socket_open(p, a->any.sa_family);
	int r;

	if (fd < 0)
		return err_set(err, fd, "%s", err_reason(fd));
	share(p, fd);
	if (p->dual_stack)
		take_both_families(p, fd);
	r = nc_socket_tune(fd, a->any.sa_family, &p->tuning, err);
	if (r < 0)
		return r;
	if (bind(fd, &a->any, a->len) < 0 || (!p->datagram && listen(fd, BACKLOG) < 0))
		return err_set(err, -errno, "%s", err_reason(-errno));
	r = fd_set_nonblock(fd, true); /* a client that gave up must not block accept */
	if (r < 0)
		return err_set(err, r, "%s", err_reason(r));
	*ret_fd = take_fd(&fd);
	return 0;
}

static void announce(const struct nc_place *p, int fd)
{
	const struct nc_observer *observer = p->observer;
	struct net_address local;

	if (!observer || net_address_local(fd, &local) < 0)
		return;
	if (p->datagram && observer->bound)
		observer->bound(p, &local);
	if (!p->datagram && observer->listening)
		observer->listening(p, &local);
}

int nc_listen_open(const struct nc_place *place, const char *port, int *ret_fd, struct err *err)
{
	auto_addresses list = { 0 };
	auto_close int fd = -1;
	int r;

	r = resolve(place, port, &list, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < list.n && fd < 0; i++)
		r = bind_address(place, &list.items[i], &fd, err);
	if (fd < 0)
		return r;

	announce(place, fd);
	*ret_fd = take_fd(&fd);
	return 0;
}
