/* SPDX-License-Identifier: MIT */
/* Address after address, until one answers; see nc_dial.h. */

#include "tool/nc_dial.h"

#include "base/clock.h"
#include "net/connect.h"
#include "net/resolve.h"
#include "task/task.h"
#include "tool/nc_proxy.h"
#include "tool/nc_race.h"
#include "tool/nc_socket.h"

#include <errno.h>

static int bind_source(const struct nc_place *p, int fd, int family, struct err *err)
{
	auto_addresses local = { 0 };
	struct net_query query = {
		.host = p->source,
		.service = p->source_port,
		.family = family,
		.type = nc_socket_type(p),
		.protocol = nc_socket_protocol(p),
		.passive = true,
		.numeric = p->numeric,
	};
	int r;

	if (!p->source && !p->source_port)
		return 0;
	r = net_resolve(&query, &local, NULL);
	if (r < 0)
		return err_set(err, r, "getaddrinfo: %s", net_reason(r));
	if (bind(fd, &local.items[0].any, local.items[0].len) < 0)
		return err_set(err, -errno, "bind failed: %s", err_reason(-errno));
	return 0;
}

int64_t nc_dial_deadline(const struct nc_place *place)
{
	if (place->limit_us)
		return clock_after(place->limit_us);
	return place->limit > 0 ? clock_after(place->limit * CLOCK_US_PER_S) : CLOCK_NEVER;
}

/* connect(2) with the limit, whose expiry is told as -EINPROGRESS. */
static int connect_in_time(const struct nc_place *p, int fd, const struct net_address *to)
{
	int64_t limit = nc_dial_deadline(p);
	int64_t before = task_deadline(limit);
	int r;

	r = net_connect(fd, to);
	(void)task_deadline(before);
	return r == -ETIMEDOUT && clock_now() >= limit ? -EINPROGRESS : r;
}

int nc_dial_socket(const struct nc_place *place, int family, int *ret_fd, struct err *err)
{
	auto_close int fd = nc_socket_open(place, family);
	int r;

	if (fd < 0)
		return 0;
	r = bind_source(place, fd, family, err);
	if (r < 0)
		return r;
	r = nc_socket_tune(fd, family, &place->tuning, err);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 1;
}

/* One address: as nc_dial(). */
static int dial_address(const struct nc_place *place, const struct net_address *to, int *ret_fd,
			struct err *err)
{
	auto_close int fd = -1;
	int r;

	r = nc_dial_socket(place, to->any.sa_family, &fd, err);
	if (r <= 0)
		return r;
	r = connect_in_time(place, fd, to);
	if (r == -ECANCELED)
		return r;
	if (r < 0) {
		if (place->observer && place->observer->failed)
			place->observer->failed(place, to, r);
		return 0;
	}
	*ret_fd = take_fd(&fd);
	return 1;
}

int nc_dial_resolve(const struct nc_place *place, uint16_t port, struct net_addresses *ret,
		    struct err *err)
{
	struct net_query query = {
		.host = place->host,
		.family = place->family,
		.type = nc_socket_type(place),
		.protocol = nc_socket_protocol(place),
		.numeric = place->numeric,
	};
	int r = net_resolve(&query, ret, NULL);

	if (r < 0 && r != -ECANCELED)
		return err_set(err, r, "getaddrinfo for host \"%s\" port %u: %s", place->host, port,
			       net_reason(r));
	return r;
}

/* Datagrams have no answer that could win, and a port of our own can be bound only once. */
static bool may_race(const struct nc_place *place, size_t n)
{
	return n > 1 && !place->datagram && !place->source_port;
}

int nc_dial_any(const struct nc_place *place, struct net_addresses *list, uint16_t port,
		int *ret_fd, struct net_address *ret_to, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < list->n; i++)
		net_address_set_port(&list->items[i], port);
	if (may_race(place, list->n))
		return nc_race(place, list, ret_fd, ret_to, err);
	for (size_t i = 0; r == 0 && i < list->n; i++) {
		r = dial_address(place, &list->items[i], ret_fd, err);
		if (r > 0)
			*ret_to = list->items[i];
	}
	return r;
}

int nc_dial(const struct nc_place *place, uint16_t port, int *ret_fd, struct net_address *ret_to,
	    struct err *err)
{
	auto_addresses list = { 0 };
	int r;

	if (place->proxy.host) {
		*ret_to = (struct net_address){ .len = 0 };
		return nc_proxy_dial(place, port, ret_fd, err);
	}
	r = nc_dial_resolve(place, port, &list, err);
	return r < 0 ? r : nc_dial_any(place, &list, port, ret_fd, ret_to, err);
}
