/* SPDX-License-Identifier: MIT */
/* One port of a scan; see nc_probe.h. */

#include "tool/nc_probe.h"

#include "base/clock.h"
#include "base/fd.h"
#include "tool/nc_dial.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROBE_SECONDS = 3 }; /* how long a datagram port may stay silent */

void nc_probe_close(struct nc_probe *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
}

static int end(struct nc_probe *p, enum nc_port_state state, int reason)
{
	bool reusable = reason == -ECONNREFUSED && !p->place->datagram && !p->place->dccp &&
			!p->place->source && !p->place->source_port;

	p->state = state;
	p->reason = reason;
	if (!reusable)
		nc_probe_close(p);
	return NC_PROBE_DONE;
}

/* A port of our own number range can connect to itself, if nobody listens there
 * (RFC 9293, simultaneous open). */
static bool is_own_echo(const struct nc_probe *p)
{
	struct net_address local;

	return net_address_local(p->fd, &local) == 0 && net_address_equal(&local, &p->to);
}

static int ask(struct nc_probe *p)
{
	int r = connect(p->fd, &p->to.any, p->to.len);

	return r < 0 ? -errno : 0;
}

/* Asking again for a connection tells how far it is. */
static int connected_so_far(struct nc_probe *p)
{
	int r = ask(p);

	if (r == -EALREADY || r == -EINPROGRESS) {
		if (clock_now() < p->moment)
			return NC_PROBE_RUNNING;
		return end(p, NC_PORT_FAILED, -EINPROGRESS);
	}
	if (r < 0 && r != -EISCONN)
		return end(p, r == -ECONNREFUSED ? NC_PORT_CLOSED : NC_PORT_FAILED, r);
	if (is_own_echo(p)) {
		nc_probe_close(p);
		return end(p, NC_PORT_CLOSED, -ECONNREFUSED);
	}
	return end(p, NC_PORT_OPEN, 0);
}

static bool is_refused(const struct nc_probe *p)
{
	return send(p->fd, "X", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == ECONNREFUSED;
}

static int start_datagrams(struct nc_probe *p)
{
	int r = ask(p);

	if (r < 0)
		return end(p, NC_PORT_FAILED, r);
	if (send(p->fd, "X", 1, MSG_NOSIGNAL) < 0 || is_refused(p))
		return end(p, NC_PORT_CLOSED, -errno);
	p->left = p->place->limit >= 0 ? p->place->limit : PROBE_SECONDS;
	p->moment = clock_after(p->left ? CLOCK_US_PER_S : 0);
	return NC_PROBE_RUNNING;
}

/* An answer, an ICMP error, or a second without either. */
static int go_on_datagrams(struct nc_probe *p)
{
	char byte;

	if (recv(p->fd, &byte, 1, MSG_DONTWAIT) >= 0)
		return end(p, NC_PORT_OPEN, 0);
	if (errno == ECONNREFUSED)
		return end(p, NC_PORT_CLOSED, -ECONNREFUSED);
	if (clock_now() < p->moment)
		return NC_PROBE_RUNNING;
	if (p->left-- == 0)
		return end(p, NC_PORT_SILENT, 0);
	if (is_refused(p))
		return end(p, NC_PORT_CLOSED, -ECONNREFUSED);
	p->moment = clock_after(CLOCK_US_PER_S);
	if (p->left == 0)
		p->moment = clock_now();
	return NC_PROBE_RUNNING;
}

static int open_socket(struct nc_probe *p, struct err *err)
{
	int r;

	if (p->fd >= 0 && p->family == p->to.any.sa_family)
		return 1;
	nc_probe_close(p);
	r = nc_dial_socket(p->place, p->to.any.sa_family, &p->fd, err);
	if (r <= 0)
		return r;
	p->family = p->to.any.sa_family;
	r = fd_set_nonblock(p->fd, true);
	return r < 0 ? err_set(err, r, "%s", err_reason(r)) : 1;
}

int nc_probe_start(struct nc_probe *p, struct err *err)
{
	int r;

	r = open_socket(p, err);
	if (r < 0)
		return r;
	if (r == 0)
		return end(p, NC_PORT_FAILED, 0);
	if (p->place->datagram)
		return start_datagrams(p);

	p->moment =
		p->place->limit > 0 ? clock_after(p->place->limit * CLOCK_US_PER_S) : CLOCK_NEVER;
	r = ask(p);
	if (r == -EINPROGRESS || r == 0)
		return connected_so_far(p);
	return end(p, r == -ECONNREFUSED ? NC_PORT_CLOSED : NC_PORT_FAILED, r);
}

int nc_probe_go_on(struct nc_probe *p)
{
	return p->place->datagram ? go_on_datagrams(p) : connected_so_far(p);
}
