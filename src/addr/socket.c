/* SPDX-License-Identifier: MIT */
/* Sockets of any family; see socket.h. */

#include "addr/socket.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "net/connect.h"
#include "task/task.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { QUEUE_CLASSIC = 5, QUEUE_OF_MANY = 4096, RUSH = 3 };

static int parse_family(const char *text)
{
	static const struct {
		const char *names;
		int family;
	} words[] = {
		{ "inet inet4 ip4 ipv4 2", AF_INET },
		{ "inet6 ip6 ipv6 10", AF_INET6 },
		{ "unix local", AF_UNIX },
	};
	long long number;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_word_is(words[i].names, text))
			return words[i].family;
	return num_parse_c(text, 0, INT_MAX, &number) < 0 ? -EINVAL : (int)number;
}

int socket_kind_options(struct opening *o, struct socket_kind *kind)
{
	const struct settings *settings = &o->address->settings;

	(void)opening_take(o, "protocol-family");
	(void)opening_take(o, "so-type");
	(void)opening_take(o, "so-protocol");
	if (settings->family) {
		int family = parse_family(settings->family);

		if (family < 0)
			return err_set(o->err, family,
				       "unknown protocol family \"%s\"; use ip4, ip6 or a number",
				       settings->family);
		kind->family = family;
	}
	if (settings->type >= 0)
		kind->type = settings->type;
	if (settings->protocol >= 0)
		kind->protocol = settings->protocol;
	return 0;
}

int socket_kind(struct opening *o, struct socket_kind *ret)
{
	const struct addr_args *args = &o->address->type->args;

	*ret = (struct socket_kind){ args->family, args->type, args->protocol };
	return socket_kind_options(o, ret);
}

int socket_new(struct opening *o, const struct socket_kind *kind)
{
	auto_close int fd = socket(kind->family, kind->type | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   kind->protocol);
	int r;

	if (fd < 0)
		return err_set(o->err, -errno, "socket(%d, %d, %d): %s", kind->family, kind->type,
			       kind->protocol, err_reason(-errno));
	r = opening_apply(o, PHASE_PASTSOCKET, fd, NULL);
	return r < 0 ? r : take_fd(&fd);
}

int socket_new_pair(struct opening *o, struct socket_kind *ret_kind, int ret_fds[2])
{
	const struct socket_kind *kind = ret_kind;
	int r = socket_kind(o, ret_kind);

	if (r < 0)
		return r;
	if (socketpair(kind->family, kind->type | SOCK_CLOEXEC, kind->protocol, ret_fds) < 0)
		return err_set(o->err, -errno, "socketpair(%d, %d, %d): %s", kind->family,
			       kind->type, kind->protocol, err_reason(-errno));
	return 0;
}

int socket_bind(struct opening *o, int fd, const struct net_address *local, const char *path)
{
	char text[NET_ADDRESS_TEXT];
	int r;

	r = opening_apply(o, PHASE_PREBIND, fd, path);
	if (r < 0)
		return r;
	net_address_text(local, text, sizeof(text));
	log_debug("bind(%d, %s, %u)", fd, text, local->len);
	if (bind(fd, &local->any, local->len) < 0)
		return err_set(o->err, -errno, "bind(%d, {%s}, %u): %s", fd, text, local->len,
			       err_reason(-errno));
	return opening_apply(o, PHASE_PASTBIND, fd, path);
}

int socket_new_bound(struct opening *o, const struct socket_kind *kind,
		     const struct net_address *local)
{
	auto_close int fd = socket_new(o, kind);
	int r;

	if (fd < 0)
		return fd;
	r = socket_bind(o, fd, local, NULL);
	return r < 0 ? r : take_fd(&fd);
}

int socket_leave_unbound(struct opening *o, int fd)
{
	int r = opening_apply(o, PHASE_PREBIND, fd, NULL);

	return r < 0 ? r : opening_apply(o, PHASE_PASTBIND, fd, NULL);
}

/* Sockets are made non-blocking; it is the user's doing only if he said so. */
static bool blocking_is_normal(const struct opening *o)
{
	return !opt_given(&o->address->options, "o-nonblock");
}

int socket_connect(struct opening *o, int fd, const struct net_address *to)
{
	int64_t limit = o->address->settings.connect_timeout, before = CLOCK_NEVER;
	char text[NET_ADDRESS_TEXT];
	int r;

	if (limit > 0)
		before = task_deadline(clock_after(limit));
	r = blocking_is_normal(o) ? net_connect_nonblocking(fd, to) : net_connect(fd, to);
	if (limit > 0)
		(void)task_deadline(before);
	o->unanswered = r < 0;
	if (r < 0)
		return err_set(o->err, r, "connect(%d, %s, %u): %s", fd,
			       net_address_text(to, text, sizeof(text)), to->len, err_reason(r));
	return opening_apply(o, PHASE_CONNECTED, fd, NULL);
}

/* A new socket with the options before connect(2). */
static int new_client(struct opening *o, const struct socket_kind *kind,
		      socket_binder *bind_client)
{
	auto_close int fd = socket_new(o, kind);
	int r;

	if (fd < 0)
		return fd;
	r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r == 0)
		r = bind_client(o, kind, fd);
	return r < 0 ? r : take_fd(&fd);
}

static void tell_local(const char *what, int fd)
{
	char text[NET_ADDRESS_TEXT];
	struct net_address local;

	if (log_wants(LEVEL_NOTICE) && net_address_local(fd, &local) == 0)
		log_notice("%s %s", what, net_address_text(&local, text, sizeof(text)));
}

int socket_open_connected(struct opening *o, const struct socket_kind *kind,
			  socket_binder *bind_client, const struct net_address *to)
{
	char text[NET_ADDRESS_TEXT];
	auto_close int fd = -1;
	int r;

	log_notice("opening connection to %s", net_address_text(to, text, sizeof(text)));
	fd = new_client(o, kind, bind_client);
	if (fd < 0)
		return fd;
	r = opening_apply(o, PHASE_CONNECT, fd, NULL);
	if (r == 0)
		r = socket_connect(o, fd, to);
	if (r < 0)
		return r;
	tell_local("successfully connected from local address", fd);
	return take_fd(&fd);
}

static bool admits_packet(const struct stream *s, const struct net_address *from)
{
	return peer_is_admitted(s->datagrams->permits_context, from);
}

/* For streams of packets from anybody: drop what is not permitted, and say so. */
static void check_peers(struct stream *s, const struct opening *o)
{
	s->datagrams->permits = admits_packet;
	s->datagrams->permits_context = &o->address->settings;
}

int socket_open_packets(struct opening *o, const struct socket_kind *kind,
			socket_binder *bind_client, const struct net_address *peer,
			bool peer_only, struct stream **ret)
{
	auto_close int fd = new_client(o, kind, bind_client);
	struct stream *s;
	int r;

	if (fd < 0)
		return fd;
	r = opening_apply(o, PHASE_CONNECTED, fd, NULL);
	if (r < 0)
		return r;
	tell_local("successfully prepared local socket", fd);
	s = stream_new_packets(take_fd(&fd), peer);
	s->datagrams->peer_only = peer_only;
	if (!peer_only)
		check_peers(s, o);
	*ret = s;
	return 0;
}

int socket_open_received(struct opening *o, int fd, struct stream **ret)
{
	auto_stream s = stream_new_packets(fd, NULL);
	int r;

	s->shut = SHUT_NONE;
	if (!(o->wanted & DIR_WRITE))
		s->wfd = -1;
	check_peers(s, o);
	r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r == 0)
		r = opening_apply(o, PHASE_CONNECTED, fd, NULL);
	if (r < 0)
		return r;
	tell_local("receiving on", fd);
	*ret = take_ptr(s);
	return 0;
}

static bool queue_is_given(const struct opening *o)
{
	return opt_given(&o->address->options, "backlog");
}

static int queue_length(const struct opening *o)
{
	if (queue_is_given(o))
		return o->address->settings.backlog;
	return o->context->backlog ? o->context->backlog : QUEUE_CLASSIC;
}

int socket_listen(struct opening *o, int fd, struct listener **ret)
{
	auto_listener l = listener_new(&socket_listener_ops, fd);
	int r;

	r = opening_apply(o, PHASE_PRELISTEN, fd, NULL);
	if (r < 0)
		return r;
	if (listen(fd, queue_length(o)) < 0)
		return err_set(o->err, -errno, "listen(%d, %d): %s", fd,
			       queue_length(o), err_reason(-errno));
	(void)fd_set_nonblock(fd, true);
	r = net_address_local(fd, &l->local);
	if (r < 0)
		return err_set(o->err, r, "getsockname(%d): %s", fd, err_reason(r));
	r = opening_apply(o, PHASE_LISTEN, fd, NULL);
	if (r < 0)
		return r;
	l->waiting = "listening on";
	*ret = take_ptr(l);
	return 0;
}

/* accept(2) also gives what is wrong with the new connection, not with us. */
static bool has_vanished(int r)
{
	return r == -ECONNABORTED || r == -EPROTO || r == -ENETDOWN || r == -ENETUNREACH ||
	       r == -EHOSTDOWN || r == -EHOSTUNREACH || r == -ENOPROTOOPT;
}

/* A full queue drops the last packet of a handshake, and the client, who thinks that it is
 * connected, waits for a second and more.  So a rush lengthens the queue that classic
 * has, which is short. */
static void note_rush(struct listener *l, const struct opening *o, bool waited)
{
	l->rush = waited ? 0 : l->rush + 1;
	if (l->rush != RUSH || !o->address->settings.fork || queue_is_given(o))
		return;
	if (listen(l->fd, QUEUE_OF_MANY) == 0)
		log_info("listen(%d, %d): connections come fast", l->fd, QUEUE_OF_MANY);
}

/* One connection, whoever it is from. */
static int accept_any(struct listener *l, struct opening *o, struct arrival *ret)
{
	char peer[NET_ADDRESS_TEXT], local[NET_ADDRESS_TEXT];
	bool waited;
	int fd;

	do {
		fd = net_accept_nonblocking(l->fd, &ret->peer, &waited);
		if (has_vanished(fd))
			log_notice("accept(%d): %s", l->fd, err_reason(fd));
	} while (has_vanished(fd));
	if (fd == -ETIMEDOUT || fd == -ECANCELED)
		return fd;
	if (fd < 0)
		return err_set(o->err, fd, "accept(%d): %s", l->fd, err_reason(fd));
	ret->fd = fd;
	note_rush(l, o, waited);
	if (o->env || log_wants(LEVEL_NOTICE))
		(void)net_address_local(fd, &ret->local);
	if (log_wants(LEVEL_NOTICE))
		log_notice("accepting connection from %s on %s",
			   net_address_text(&ret->peer, peer, sizeof(peer)),
			   net_address_text(&ret->local, local, sizeof(local)));
	return 0;
}

static int accept_connection(struct listener *l, struct opening *o, struct arrival *ret)
{
	for (;;) {
		int r = accept_any(l, o, ret);

		if (r < 0 || peer_is_admitted(&o->address->settings, &ret->peer))
			return r;
		/* The client may have written already: an orderly end, no reset. */
		(void)shutdown(ret->fd, SHUT_RDWR);
		arrival_done(ret);
	}
}

static bool is_tcp(const struct opening *o)
{
	const struct settings *settings = &o->address->settings;

	return o->address->type->args.protocol == IPPROTO_TCP && settings->type < 0 &&
	       settings->protocol < 0;
}

struct stream *socket_stream(int fd, const struct opening *o)
{
	int rfd = o->wanted & DIR_READ ? fd : -1, wfd = o->wanted & DIR_WRITE ? fd : -1;
	struct stream *s = stream_new_socket(rfd, wfd, END_SHUTDOWN);
	int type = SOCK_STREAM;
	socklen_t len = sizeof(type);

	s->shut = SHUT_DOWN;
	s->nonblocking = true;
	s->reads_all = is_tcp(o);
	s->hurries = s->reads_all && wfd >= 0 && !opt_given(&o->address->options, "tcp-nodelay");
	if (!s->reads_all && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0)
		s->packets = type != SOCK_STREAM;
	return s;
}

static int finish_connection(struct opening *o, struct arrival *a, struct stream **ret)
{
	static const enum opt_phase phases[] = { PHASE_FD, PHASE_PASTSOCKET, PHASE_CONNECTED };
	int r;

	socket_env(o, &a->local, &a->peer);
	opt_reuse(&o->address->options, &o->used, PHASE_PASTSOCKET);
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
		r = opening_apply(o, phases[i], a->fd, NULL);
		if (r < 0)
			return r;
	}
	*ret = socket_stream(take_fd(&a->fd), o);
	return 0;
}

const struct listener_ops socket_listener_ops = { accept_connection, finish_connection };

static void set_env_pair(const struct opening *o, const struct net_address *a, const char *address,
			 const char *port)
{
	const char *prefix = o->context->env_prefix;
	char text[NET_ADDRESS_TEXT];
	long number = net_address_port(a);

	env_set(o->env, prefix, address, net_address_host(a, text, sizeof(text)));
	if (number < 0 || o->address->type->args.type == SOCK_RAW)
		return;
	(void)snprintf(text, sizeof(text), "%ld", number);
	env_set(o->env, prefix, port, text);
}

void socket_env(const struct opening *o, const struct net_address *local,
		const struct net_address *peer)
{
	if (!o->env)
		return;
	if (local)
		set_env_pair(o, local, "SOCKADDR", "SOCKPORT");
	if (peer)
		set_env_pair(o, peer, "PEERADDR", "PEERPORT");
}
