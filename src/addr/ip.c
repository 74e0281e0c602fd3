/* SPDX-License-Identifier: MIT */
/* IPv4 and IPv6 for all transport protocols; see ip.h. */

#include "addr/ip.h"

#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { LOWPORT_FIRST = 640, LOWPORT_LAST = 1023 };

void ip_split(const char *text, char **ret_host, char **ret_port)
{
	const char *after = *text == '[' ? strchr(text, ']') : text;
	const char *colon = after ? strrchr(after, ':') : NULL;
	size_t host_len;

	if (after == text && colon && strchr(text, ':') != colon)
		colon = NULL; /* a bare IPv6 address */
	host_len = colon ? (size_t)(colon - text) : strlen(text);
	*ret_host = host_len ? str_copy_n(text, host_len) : NULL;
	*ret_port = colon ? str_copy(colon + 1) : NULL;
}

static void fill_query(const struct opening *o, const struct socket_kind *kind, const char *host,
		       const char *service, struct net_query *q)
{
	const struct settings *settings = &o->address->settings;

	*q = (struct net_query){
		.host = host,
		.service = service,
		.family = kind->family,
		.prefer = o->context->prefer_family,
		.type = kind->type,
		.protocol = kind->protocol,
		.ai_flags = (AI_ADDRCONFIG | settings->ai_on) & ~settings->ai_off,
		.resolver = &settings->resolver,
	};
}

/* An address of ours: without a host the wildcard, or, with ai-passive=0, the loopback. */
static int resolve_local(const struct opening *o, const struct socket_kind *kind, const char *host,
			 const char *service, struct net_address *ret)
{
	auto_addresses list = { 0 };
	struct net_query q;
	int r;

	fill_query(o, kind, host, service, &q);
	q.passive = !(o->address->settings.ai_off & AI_PASSIVE);
	r = net_resolve(&q, &list, o->err);
	if (r < 0)
		return r;
	*ret = list.items[0];
	return 0;
}

static int resolve_peer(struct opening *o, const struct socket_kind *kind, const char *host,
			const char *service, struct net_addresses *ret)
{
	struct net_query q;

	if (!*host)
		return err_set(o->err, -EINVAL, "%s: host is missing", o->address->keyword);
	fill_query(o, kind, host, service, &q);
	return net_resolve(&q, ret, o->err);
}

int ip_resolve(struct opening *o, const struct socket_kind *kind, const char *host,
	       const char *service, struct net_addresses *ret)
{
	if (*host && (!service || !*service))
		return err_set(o->err, -EINVAL, "%s: port is missing", o->address->keyword);
	return resolve_peer(o, kind, host, service, ret);
}

int ip_resolve_host(struct opening *o, const struct socket_kind *kind, const char *host,
		    struct net_addresses *ret)
{
	return resolve_peer(o, kind, host, NULL, ret);
}

int ip_local(struct opening *o, const struct socket_kind *kind, int sourceport,
	     struct net_address *ret)
{
	const struct settings *settings = &o->address->settings;
	auto_free char *host = NULL;
	auto_free char *port = NULL;
	int r;

	(void)opening_take(o, "bind");
	(void)opening_take(o, "sourceport");
	if (!settings->bind && sourceport < 0)
		return 0;
	if (settings->bind)
		ip_split(settings->bind, &host, &port);
	r = resolve_local(o, kind, host, port, ret);
	if (r < 0)
		return r;
	if (sourceport >= 0)
		net_address_set_port(ret, (uint16_t)sourceport);
	return 1;
}

/* An unused port below 1024: from a random one downwards, round once. */
static int bind_low_port(struct opening *o, int fd, struct net_address *local)
{
	unsigned int range = LOWPORT_LAST - LOWPORT_FIRST + 1, start = 0;
	int r;

	if (getrandom(&start, sizeof(start), 0) < 0)
		start = (unsigned int)getpid();
	for (unsigned int i = 0; i < range; i++) {
		unsigned int port = LOWPORT_FIRST + (start + range - i) % range;

		net_address_set_port(local, (uint16_t)port);
		r = socket_bind(o, fd, local, NULL);
		if (r != -EADDRINUSE)
			return r;
	}
	return err_set(o->err, -EADDRINUSE, "no port in %d..%d is free", LOWPORT_FIRST,
		       LOWPORT_LAST);
}

static int bind_local(struct opening *o, const struct socket_kind *kind, int fd, int sourceport)
{
	struct net_address local;
	int r;

	(void)opening_take(o, "lowport");
	r = ip_local(o, kind, sourceport, &local);
	if (r < 0)
		return r;
	if (r == 0)
		net_address_any(&local, kind->family, 0);
	/* A port that was asked for, with sourceport or bind, is the one. */
	if (o->address->settings.lowport && sourceport < 0 && net_address_port(&local) == 0)
		return bind_low_port(o, fd, &local);
	if (r > 0)
		return socket_bind(o, fd, &local, NULL);
	return socket_leave_unbound(o, fd);
}

int ip_bind_client(struct opening *o, const struct socket_kind *kind, int fd)
{
	return bind_local(o, kind, fd, o->address->settings.sourceport);
}

int ip_bind_datagram(struct opening *o, const struct socket_kind *kind, int fd)
{
	return bind_local(o, kind, fd, -1);
}

/* A kernel that lacks the protocol lacks it for every address. */
static bool lacks_protocol(int r)
{
	return r == -EPROTONOSUPPORT || r == -ESOCKTNOSUPPORT;
}

int ip_connect(struct opening *o, const struct socket_kind *kind, const char *host,
	       const char *service)
{
	auto_addresses list = { 0 };
	struct opt_used before = o->used;
	int r;

	log_notice("opening connection to %s:%s", host, service);
	r = ip_resolve(o, kind, host, service, &list);
	if (r < 0)
		return r;
	for (size_t i = 0; i < list.n; i++) {
		struct socket_kind wanted = *kind;

		wanted.family = list.items[i].any.sa_family;
		o->used = before;
		o->unanswered = false;
		r = socket_open_connected(o, &wanted, ip_bind_client, &list.items[i]);
		if (r >= 0) {
			log_notice("successfully connected to %s:%s", host, service);
			return r;
		}
		if (r == -ECANCELED || lacks_protocol(r))
			return r;
		if (!o->unanswered && i == list.n - 1)
			return r; /* the error tells more than its reason */
		opening_complain(o);
	}
	return err_set(o->err, r, "%s:%s:%s: %s", o->address->keyword, host, service,
		       err_reason(r));
}

int ip_open_connect(struct opening *o, struct stream **ret)
{
	const struct address *a = o->address;
	struct socket_kind kind;
	int fd, r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	fd = ip_connect(o, &kind, a->params[0], a->params[1]);
	if (fd < 0)
		return fd;
	*ret = socket_stream(fd, o);
	return 0;
}

/* The family of a range given in numbers, or 0. */
static int family_of_range(const char *range)
{
	if (!range)
		return 0;
	return *range == '[' ? AF_INET6 : *range >= '0' && *range <= '9' ? AF_INET : 0;
}

int ip_serve_family(const struct opening *o, const struct socket_kind *kind, const char *host)
{
	int family = kind->family;

	if (family == AF_UNSPEC)
		family = family_of_range(o->address->settings.range);
	if (family == AF_UNSPEC && !host)
		family = o->context->listen_family;
	return family;
}

int ip_serve_address(struct opening *o, const struct socket_kind *kind, const char *service,
		     struct net_address *ret)
{
	const struct settings *settings = &o->address->settings;
	struct socket_kind wanted = *kind;
	auto_free char *host = NULL;
	auto_free char *port = NULL;

	(void)opening_take(o, "bind");
	(void)opening_take(o, "sourceport"); /* of peers: peer_is_admitted() */
	(void)opening_take(o, "lowport");
	if (settings->bind)
		ip_split(settings->bind, &host, &port);
	if (port && *port)
		service = port;
	if (!service || !*service)
		return err_set(o->err, -EINVAL, "%s: port is missing", o->address->keyword);
	wanted.family = ip_serve_family(o, kind, host);
	return resolve_local(o, &wanted, host, service, ret);
}

int ip_serve(struct opening *o, const struct socket_kind *kind, const char *service,
	     bool reuse_address)
{
	struct socket_kind wanted = *kind;
	struct net_address local;
	auto_close int fd = -1;
	int one = 1;
	int r;

	r = ip_serve_address(o, kind, service, &local);
	if (r < 0)
		return r;
	wanted.family = local.any.sa_family;
	fd = socket_new(o, &wanted);
	if (fd < 0)
		return fd;
	if (reuse_address)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	r = socket_bind(o, fd, &local, NULL);
	return r < 0 ? r : take_fd(&fd);
}

int ip_open_listen(struct opening *o, bool reuse_address, struct listener **ret)
{
	struct socket_kind kind;
	int fd, r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	fd = ip_serve(o, &kind, o->address->params[0], reuse_address);
	return fd < 0 ? fd : socket_listen(o, fd, ret);
}
