/* SPDX-License-Identifier: MIT */
/* The client: port after port, until standard input has found somebody. */

#include "tool/nc_dialect.h"
#include "tool/nc_pass.h"
#include "tool/nc_retry.h"
#include "tool/nc_role.h"
#include "tool/nc_scan.h"
#include "tool/nc_secure.h"
#include "tool/nc_tls.h"

/* What there is to do with a connected socket, which it takes over.  0 or negative. */
static int use(const struct nc_options *o, int fd, uint16_t port, const struct net_address *to,
	       struct err *err)
{
	auto_stream net = nc_stream(fd);
	struct nc_session session = nc_session_of(o);
	int r;

	if (o->place.observer && o->place.observer->connected)
		o->place.observer->connected(&o->place, to, port);
	net->packets = o->place.datagram;
	r = o->place.tls ? nc_tls_in_time(&o->place, &net, err) : 0;
	if (r < 0)
		return r;
	session.net = net;
	if (o->pass_socket)
		r = nc_pass_socket(fd, err);
	else if (!o->scan)
		r = nc_relay(&session, err);
	if (r >= 0 && o->place.tls)
		r = nc_tls_refused(o->place.tls, net, err);
	return MIN(r, 0);
}

/* One port after the other.  stdin goes to the first one; later ones get what is left. */
static int visit(const struct nc_options *o, struct err *err)
{
	int status = NC_FAILED;

	for (size_t i = 0; i < o->ports.n; i++) {
		struct net_address to;
		int fd, r;

		r = nc_retry_dial(&o->place, o->ours.wait_for, o->ports.items[i], &fd, &to, err);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		r = use(o, fd, o->ports.items[i], &to, err);
		if (r < 0)
			return r;
		status = 0;
		if (o->pass_socket)
			break;
	}
	return status;
}

static int scan(const struct nc_options *o, struct err *err)
{
	enum nc_port_state last;
	size_t n_open;
	int r;

	r = nc_scan(&o->place, &o->ports, &n_open, &last, err);
	if (r < 0)
		return r;
	if (o->place.datagram)
		return last <= NC_PORT_SILENT ? 0 : NC_FAILED;
	return n_open ? 0 : NC_FAILED;
}

int nc_client(const struct nc_options *o, struct err *err)
{
	/* Without -v a datagram port is not probed: as in the original it counts as open. */
	bool probes = !o->place.datagram || o->verbose;

	if (o->scan && probes && !o->pass_socket && !o->place.proxy.host && !o->ours.wait_for)
		return scan(o, err);
	return visit(o, err);
}
