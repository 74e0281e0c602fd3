/* SPDX-License-Identifier: MIT */
/* The traditional netcat listens: for one client, perhaps only one that it expects. */

#include "base/clock.h"
#include "net/connect.h"
#include "task/task.h"
#include "tool/nc_dialect.h"
#include "tool/nc_listen.h"
#include "tool/nc_report.h"
#include "tool/trad.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static void say_listening(const struct nc_place *place, const struct net_address *at)
{
	char ip[NET_ADDRESS_TEXT];

	fprintf(stderr, "listening on [%s] %ld ...\n",
		place->host ? nc_report_numeric(at, ip, sizeof(ip)) : "any", net_address_port(at));
}

static const struct nc_observer words = { .bound = say_listening, .listening = say_listening };

static int open_door(const struct trad *t, int *ret_fd, struct err *err)
{
	struct nc_place place = t->place;
	const char *port = place.source_port ? place.source_port : "";
	struct err why = { 0 };
	int r;

	place.host = place.source;
	place.observer = t->o->verbose ? &words : NULL;
	r = nc_listen_open(&place, port, ret_fd, &why);
	if (r < 0 && r != -ECANCELED)
		return err_set(err, r, "Can't grab %s:%s with bind : %s",
			       place.host ? place.host : "0.0.0.0", *port ? port : "0", why.text);
	return r;
}

/* The sender of the first datagram, which stays there to be read. */
static int wait_for_datagram(int fd, struct net_address *ret_peer)
{
	char byte;
	int r = task_wait(fd, POLLIN);

	ret_peer->len = sizeof(ret_peer->storage);
	if (r == 0 &&
	    recvfrom(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, &ret_peer->any, &ret_peer->len) < 0)
		r = -errno;
	return r ? r : net_connect(fd, ret_peer);
}

/* The descriptor of the client, at most -w seconds later; or negative. */
static int wait_for_client(const struct trad *t, int *door, struct net_address *ret_peer)
{
	long long limit = t->place.limit;
	int64_t before = task_deadline(limit > 0 ? clock_after(limit * CLOCK_US_PER_S)
						 : CLOCK_NEVER);
	int r;

	if (t->place.datagram) {
		r = wait_for_datagram(*door, ret_peer);
		r = r < 0 ? r : take_fd(door);
	} else {
		r = net_accept(*door, ret_peer);
	}
	(void)task_deadline(before);
	return r;
}

static bool is_expected(const struct trad *t, const struct net_address *peer)
{
	struct net_address wanted = t->target;

	if (wanted.any.sa_family == AF_UNSPEC)
		return true;
	net_address_set_port(&wanted, t->o->ports.n ? t->o->ports.items[0]
						    : (uint16_t)net_address_port(peer));
	return net_address_equal(&wanted, peer);
}

/* `connect to [LOCAL] from NAME [ADDRESS] PORT` */
static void say_client(const struct trad *t, int fd, const struct net_address *peer,
		       const char *what)
{
	char here[NET_ADDRESS_TEXT] = "", there[NET_ADDRESS_TEXT], name[NI_MAXHOST];
	struct net_address local;

	if (net_address_local(fd, &local) == 0)
		(void)nc_report_numeric(&local, here, sizeof(here));
	trad_name(t, peer, name, sizeof(name));
	fprintf(stderr, "%s to [%s] from %s [%s] %ld\n", what, here, name,
		nc_report_numeric(peer, there, sizeof(there)), net_address_port(peer));
}

int trad_server(struct trad *t, struct err *err)
{
	auto_close int door = -1, client = -1;
	struct net_address peer;
	int r = open_door(t, &door, err);

	if (r < 0)
		return r;
	client = wait_for_client(t, &door, &peer);
	if (client == -ECANCELED)
		return client;
	if (client < 0)
		return err_set(err, client, "no connection : %s", err_reason(client));
	if (door >= 0)
		(void)close(take_fd(&door)); /* others are refused */
	if (!is_expected(t, &peer)) {
		say_client(t, client, &peer, "invalid connection");
		return NC_FAILED;
	}
	if (t->o->verbose)
		say_client(t, client, &peer, "connect");
	r = trad_use(t, take_fd(&client), err);
	if (r == 0 || r == -ECANCELED)
		trad_say_counts(t);
	return r;
}
