/* SPDX-License-Identifier: MIT */
/* Clients of a listening socket, one after another.
 *
 * A stream server accepts.  A datagram server waits for a first datagram and
 * connects back to its sender; with -k, or when that sender cannot be answered
 * (it has left, or has no name), the socket stays unconnected, everybody is
 * heard, and answers go to whoever spoke last. */

#include "tool/nc_serve.h"

#include "net/connect.h"
#include "task/task.h"
#include "tool/nc_secure.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

/* Others may do better. */
static int client_failed(const struct nc_server *server, const struct err *err)
{
	fprintf(stderr, "%s: %s\n", server->place->program, err->text);
	return NC_RELAY_OVER;
}

/* One client; an nc_relay_end or negative. */
static int serve_client(const struct nc_server *server, struct err *err)
{
	struct nc_session session = server->session;
	struct net_address peer;
	int fd = net_accept(server->fd, &peer);

	if (fd < 0)
		return fd == -ECANCELED ? fd : err_set(err, fd, "accept: %s", err_reason(fd));

	auto_stream net = nc_stream(fd);

	nc_place_accepted(server->place, &peer);
	if (server->place->tls) {
		int r = nc_tls_in_time(server->place, &net, err);

		if (r < 0)
			return server->keep && r != -ECANCELED ? client_failed(server, err) : r;
	}
	session.net = net;
	return nc_relay(&session, err);
}

static int serve_stream(const struct nc_server *server, struct err *err)
{
	int r;

	do {
		r = serve_client(server, err);
	} while (server->keep && r >= 0 && r != NC_RELAY_QUIT);
	return MIN(r, 0);
}

/* Connects back to whoever sent the datagram that waits.  1 if that worked, 0
 * if there is nobody to answer, or -ECANCELED. */
static int connect_back(const struct nc_server *server)
{
	struct net_address peer = { .len = sizeof(peer.storage) };
	char byte;
	int r;

	r = task_wait(server->fd, POLLIN);
	if (r < 0)
		return r;
	if (recvfrom(server->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, &peer.any, &peer.len) < 0)
		return 0;
	r = peer.len > sizeof(sa_family_t) ? net_connect(server->fd, &peer) : -EDESTADDRREQ;
	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return 0;
	nc_place_accepted(server->place, &peer);
	return 1;
}

static int serve_datagrams(const struct nc_server *server, struct err *err)
{
	auto_stream net = stream_new(server->fd, server->fd, END_KEEP);
	struct nc_session session = server->session;
	int r;

	session.net = net;
	session.any_sender = true;
	if (!server->keep) {
		r = connect_back(server);
		if (r < 0)
			return r;
		session.any_sender = r == 0;
	}
	do {
		r = task_wait(server->fd, POLLIN); /* -w does not count until somebody sends */
		if (r == 0)
			r = nc_relay(&session, err);
	} while (server->keep && (r == NC_RELAY_OVER || r == NC_RELAY_SILENT));
	return r < 0 ? r : 0;
}

int nc_serve(const struct nc_server *server, struct err *err)
{
	return server->place->datagram ? serve_datagrams(server, err) : serve_stream(server, err);
}
