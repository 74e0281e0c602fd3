/* SPDX-License-Identifier: MIT */
/* Clients of a listening socket, one after another.
 *
 * A stream server accepts.  A datagram server waits for a first datagram and
 * connects back to its sender; with -k, or when that sender cannot be answered
 * (it has left, or has no name), the socket stays unconnected, everybody is
 * heard, and answers go to whoever spoke last. */

#include "base/clock.h"
#include "net/connect.h"
#include "task/task.h"
#include "tool/nc_report.h"
#include "tool/nc_role.h"

#include <errno.h>
#include <poll.h>

static int64_t microseconds(long long seconds)
{
	return seconds < 0 ? -1 : seconds * CLOCK_US_PER_S;
}

struct nc_session nc_session_of(const struct nc_options *o, int fd)
{
	return (struct nc_session){
		.fd = fd,
		.listening = o->listen,
		.datagrams = o->datagram,
		.shut_at_eof = o->shut_at_eof,
		.no_stdin = o->no_stdin,
		.crlf = o->crlf,
		.telnet = o->telnet,
		.interval_us = microseconds(o->interval),
		.timeout_us = microseconds(o->timeout),
		.quit_us = microseconds(o->quit),
		.receive_limit = o->receive_limit,
	};
}

static void announce(const struct nc_server *server, const struct net_address *peer)
{
	if (server->path)
		nc_report_path(server->o, "Connection received on", server->path);
	else
		nc_report_address(server->o, "Connection received on", peer);
}

static void announce_sender(const struct nc_session *session, const struct net_address *sender)
{
	announce(session->context, sender);
}

static int serve_stream(const struct nc_server *server, struct err *err)
{
	for (;;) {
		struct net_address peer;
		auto_close int fd = net_accept(server->fd, &peer);
		struct nc_session session = nc_session_of(server->o, fd);
		int r;

		if (fd < 0)
			return fd == -ECANCELED ? fd
						: err_set(err, fd, "accept: %s", err_reason(fd));
		announce(server, &peer);
		r = nc_relay(&session, err);
		if (r < 0)
			return r;
		if (!server->o->keep || r == NC_RELAY_QUIT)
			return 0;
	}
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
	announce(server, &peer);
	return 1;
}

static int serve_datagrams(const struct nc_server *server, struct err *err)
{
	struct nc_session session = nc_session_of(server->o, server->fd);
	int r;

	session.any_sender = true;
	session.on_sender = announce_sender;
	session.context = server;
	if (!server->o->keep) {
		r = connect_back(server);
		if (r < 0)
			return r;
		session.any_sender = r == 0;
	}
	do {
		r = task_wait(server->fd, POLLIN); /* -w does not count until somebody sends */
		if (r == 0)
			r = nc_relay(&session, err);
	} while (server->o->keep && r == NC_RELAY_OVER);
	return r < 0 ? r : 0;
}

int nc_serve(const struct nc_server *server, struct err *err)
{
	return server->o->datagram ? serve_datagrams(server, err) : serve_stream(server, err);
}
