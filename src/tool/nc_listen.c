/* SPDX-License-Identifier: MIT */
/* Listening on an IP address.  Without -6 and without an address this means
 * IPv4 only, as in every netcat of this family. */

#include "base/fd.h"
#include "net/resolve.h"
#include "tool/nc_report.h"
#include "tool/nc_role.h"
#include "tool/nc_socket.h"

#include <errno.h>

enum { BACKLOG = 1 };

static int resolve(const struct nc_options *o, struct net_addresses *ret, struct err *err)
{
	struct net_query query = {
		.host = o->host,
		.service = *o->listen_port ? o->listen_port : "0",
		.family = o->family == AF_UNSPEC && !o->host ? AF_INET : o->family,
		.type = o->datagram ? SOCK_DGRAM : SOCK_STREAM,
		.protocol = nc_socket_protocol(o),
		.passive = true,
		.numeric = o->numeric,
	};
	int r;

	r = net_resolve(&query, ret, NULL);
	if (r < 0 && r != -ECANCELED)
		return err_set(err, r, "getaddrinfo: %s", net_reason(r));
	return r;
}

/* Two listeners may share a port; not being able to is only worth a warning. */
static void share(const struct nc_options *o, int fd)
{
	static const struct {
		int name;
		const char *text;
	} rows[] = { { SO_REUSEADDR, "SO_REUSEADDR" }, { SO_REUSEPORT, "SO_REUSEPORT" } };
	const int on = 1;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (setsockopt(fd, SOL_SOCKET, rows[i].name, &on, sizeof(on)) < 0)
			fprintf(stderr, "%s: Couldn't set %s: %s\n", o->program, rows[i].text,
				err_reason(-errno));
}

/* 0 and the bound socket, or why it is none. */
static int bind_address(const struct nc_options *o, const struct net_address *a, int *ret_fd,
			struct err *err)
{
	auto_close int fd = nc_socket_open(o, a);
	int r;

	if (fd < 0)
		return err_set(err, fd, "%s", err_reason(fd));
	share(o, fd);
	r = nc_socket_tune(fd, a->any.sa_family, o, err);
	if (r < 0)
		return r;
	if (bind(fd, &a->any, a->len) < 0 || (!o->datagram && listen(fd, BACKLOG) < 0))
		return err_set(err, -errno, "%s", err_reason(-errno));
	r = fd_set_nonblock(fd, true); /* a client that gave up must not block accept */
	if (r < 0)
		return err_set(err, r, "%s", err_reason(r));
	*ret_fd = take_fd(&fd);
	return 0;
}

int nc_listen(const struct nc_options *o, struct err *err)
{
	auto_addresses list = { 0 };
	auto_close int fd = -1;
	struct net_address local;
	int r;

	r = resolve(o, &list, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < list.n && fd < 0; i++)
		r = bind_address(o, &list.items[i], &fd, err);
	if (fd < 0)
		return r;

	if (net_address_local(fd, &local) == 0)
		nc_report_address(o, o->datagram ? "Bound on" : "Listening on", &local);
	return nc_serve(&(struct nc_server){ .o = o, .fd = fd }, err);
}
