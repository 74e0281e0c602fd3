/* SPDX-License-Identifier: MIT */
/* Listening; see ncat_door.h. */

#include "tool/ncat_door.h"

#include "base/fd.h"
#include "base/str.h"
#include "net/resolve.h"
#include "task/task.h"
#include "tool/nc_socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BACKLOG = 128 };

/* Opening. */

static int bind_and_listen(const struct ncat *n, int fd, const struct net_address *at)
{
	const int on = 1;
	bool datagram = n->o->place.datagram;

	if (at->any.sa_family != AF_UNIX)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &at->any, at->len) < 0 || (!datagram && listen(fd, BACKLOG) < 0))
		return -errno;
	return fd_set_nonblock(fd, true); /* a client that gave up must not block accept */
}

static int add_socket(struct ncat_door *door, const struct net_address *at)
{
	const struct nc_place *place = &door->n->o->place;
	struct epoll_event event = { .events = EPOLLIN };
	int family = at->any.sa_family, type = nc_socket_type(place) | SOCK_CLOEXEC;
	auto_close int fd = socket(family, type, 0);
	char text[NCAT_ADDRESS_TEXT];
	struct net_address local;
	int r = fd < 0 ? -errno : bind_and_listen(door->n, fd, at);

	if (r < 0)
		return r;
	event.data.fd = fd;
	if (epoll_ctl(door->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	if (net_address_local(fd, &local) == 0 && door->n->o->verbose)
		ncat_say("Listening on %s", ncat_address(&local, text, sizeof(text)));
	if (door->n->o->test)
		fputs("NCAT TEST: LISTEN\n", stderr);
	door->fds[door->count++] = take_fd(&fd);
	return 0;
}

/* Where to listen: two places, if there is no address. */
static int places(const struct ncat *n, struct net_address at[NCAT_DOOR_MAX], size_t *ret_n)
{
	const struct ncat_options *o = n->o;
	auto_addresses list = { 0 };
	struct net_query query = {
		.host = o->place.host,
		.family = o->place.family,
		.type = nc_socket_type(&o->place),
		.passive = true,
		.numeric = o->place.numeric,
	};
	int r;

	*ret_n = 1;
	if (o->vsock) {
		at[0] = (struct net_address){ .len = sizeof(at[0].vm) };
		at[0].vm = (struct sockaddr_vm){ .svm_family = AF_VSOCK,
						 .svm_cid = o->vsock_cid,
						 .svm_port = o->vsock_port };
		return 0;
	}
	if (o->place.family == AF_UNIX)
		return net_address_unix(o->place.host, true, &at[0]);
	if (!o->place.host && o->place.family == AF_UNSPEC) {
		net_address_any(&at[0], AF_INET6, o->port);
		net_address_any(&at[1], AF_INET, o->port);
		*ret_n = 2;
		return 0;
	}
	r = net_resolve(&query, &list, NULL);
	if (r < 0)
		return r;
	at[0] = list.items[0];
	net_address_set_port(&at[0], o->port);
	return 0;
}

static int refused(const struct net_address *at, int r)
{
	char text[NCAT_ADDRESS_TEXT];

	return ncat_quit("bind to %s: %s.", ncat_address(at, text, sizeof(text)), err_reason(r));
}

/* Port 0 twice would be two ports. */
static void share_port(const struct ncat_door *door, struct net_address *next)
{
	struct net_address local;

	if (net_address_port(next) == 0 && net_address_local(door->fds[0], &local) == 0)
		net_address_set_port(next, (uint16_t)net_address_port(&local));
}

static int add_sockets(struct ncat_door *door)
{
	struct net_address at[NCAT_DOOR_MAX];
	size_t n;
	int r = places(door->n, at, &n);

	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return ncat_quit("Could not resolve hostname \"%s\": %s.", door->n->o->place.host,
				 net_reason(r));
	for (size_t i = 0; i < n; i++) {
		if (i && door->count)
			share_port(door, &at[i]);
		r = add_socket(door, &at[i]);
		if (r < 0 && (n == 1 || r != -EAFNOSUPPORT))
			return refused(&at[i], r);
	}
	return door->count ? 0 : refused(&at[0], r);
}

int ncat_door_open(struct ncat_door *door, struct ncat *n)
{
	struct epoll_event event = { .events = EPOLLIN };

	*door = (struct ncat_door){ .n = n };
	door->epoll = epoll_create1(EPOLL_CLOEXEC);
	door->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.fd = door->bell;
	if (door->epoll < 0 || door->bell < 0 ||
	    epoll_ctl(door->epoll, EPOLL_CTL_ADD, door->bell, &event) < 0)
		return ncat_quit("epoll: %s.", err_reason(-errno));
	return add_sockets(door);
}

void ncat_door_close(struct ncat_door *door)
{
	int *all[] = { &door->epoll, &door->bell, &door->fds[0], &door->fds[1] };

	for (size_t i = 0; i < 2 + door->count; i++)
		if (*all[i] >= 0)
			(void)close(take_fd(all[i]));
	door->count = 0;
}

void ncat_door_ring(const struct ncat_door *door)
{
	uint64_t one = 1;

	(void)!write(door->bell, &one, sizeof(one));
}

/* Who comes. */

static bool is_allowed(const struct ncat *n, const struct net_address *peer)
{
	const struct ncat_options *o = n->o;
	bool only = o->allow.n || o->allow_files.n;

	return (!only || nc_hosts_contain(&n->allow, peer)) && !nc_hosts_contain(&n->deny, peer);
}

static void say_arrival(const struct ncat *n, const struct net_address *peer)
{
	char text[NCAT_ADDRESS_TEXT];

	if (!n->o->verbose)
		return;
	if (peer->any.sa_family == AF_UNIX) {
		ncat_say("Connection from a client on Unix domain socket.");
		return;
	}
	ncat_say("Connection from %s.", ncat_host(peer, text, sizeof(text)));
	ncat_say("Connection from %s.", ncat_address(peer, text, sizeof(text)));
}

/* 0: somebody; -EAGAIN: nobody, or one who is not allowed in. */
static int meet(struct ncat_door *door, int fd, int *ret_fd, struct net_address *ret_peer)
{
	bool datagram = door->n->o->place.datagram;
	auto_close int client = -1;
	char byte;

	*ret_peer = (struct net_address){ .len = sizeof(ret_peer->storage) };
	if (datagram) {
		if (recvfrom(fd, &byte, 1, MSG_PEEK, &ret_peer->any, &ret_peer->len) < 0)
			return -EAGAIN;
	} else {
		client = accept4(fd, &ret_peer->any, &ret_peer->len, SOCK_CLOEXEC);
		if (client < 0)
			return -EAGAIN;
		say_arrival(door->n, ret_peer);
	}
	if (!is_allowed(door->n, ret_peer)) {
		if (door->n->o->verbose)
			ncat_say("New connection denied: not allowed");
		if (datagram)
			(void)recv(fd, &byte, 1, MSG_DONTWAIT);
		return -EAGAIN;
	}
	*ret_fd = datagram ? fd : take_fd(&client);
	return 0;
}

int ncat_door_wait(struct ncat_door *door, int *ret_fd, struct net_address *ret_peer)
{
	struct epoll_event event;
	int r;

	do {
		r = task_wait(door->epoll, POLLIN);
		if (r < 0)
			return r;
		if (epoll_wait(door->epoll, &event, 1, 0) != 1)
			r = -EAGAIN;
		else if (event.data.fd == door->bell)
			return -ESHUTDOWN;
		else
			r = meet(door, event.data.fd, ret_fd, ret_peer);
	} while (r == -EAGAIN);
	return r;
}
