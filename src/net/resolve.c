/* SPDX-License-Identifier: MIT */
/* The resolver; see resolve.h.  Numeric hosts are answered without the C
 * library's resolver, so that start-up reads no files and waits for nobody. */

#include "net/resolve.h"

#include "base/num.h"
#include "base/platform.h"
#include "task/task.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* Resolver codes are small negative numbers like errnos; this keeps them apart. */
enum { EAI_BASE = 10000 };

static int from_eai(int eai)
{
	return eai == EAI_SYSTEM ? -errno : -EAI_BASE + eai;
}

bool net_reason_is_resolver(int code)
{
	return code <= -EAI_BASE;
}

const char *net_reason(int code)
{
	return net_reason_is_resolver(code) ? gai_strerror(code + EAI_BASE) : err_reason(code);
}

bool net_reason_is_temporary(int code)
{
	return code == -EAI_BASE + EAI_AGAIN;
}

void net_addresses_done(struct net_addresses *list)
{
	free(list->items);
	*list = (struct net_addresses){ 0 };
}

static void add(struct net_addresses *list, const struct sockaddr *sa, socklen_t len)
{
	struct net_address *a;

	list->items = mem_resize(list->items, list->n + 1, sizeof(*list->items));
	a = &list->items[list->n++];
	*a = (struct net_address){ .len = len };
	memcpy(&a->storage, sa, MIN((size_t)len, sizeof(a->storage)));
}

static const char *protocol_name(int protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_DCCP:
		return "dccp";
	default:
		return NULL;
	}
}

int net_resolve_port(const char *service, int protocol, uint16_t *ret)
{
	struct servent *entry;
	long long number;
	int r;

	/* Names may begin with a digit ("3com-tsmux"): only a whole number is one. */
	r = isspace((unsigned char)*service)
		    ? -EINVAL
		    : num_parse_decimal(service, 0, UINT16_MAX, &number);
	if (r == 0)
		*ret = (uint16_t)number;
	if (r == 0 || r == -ERANGE)
		return r;
	entry = *service ? getservbyname(service, protocol_name(protocol)) : NULL;
	if (!entry)
		return -EINVAL;
	*ret = ntohs((uint16_t)entry->s_port);
	return 0;
}

static int resolve_service(const struct net_query *q, uint16_t *ret, struct err *err)
{
	const char *name = protocol_name(q->protocol);
	int r;

	*ret = 0;
	if (!q->service)
		return 0;
	r = net_resolve_port(q->service, q->protocol, ret);
	if (r == -ERANGE)
		return err_set(err, r, "port \"%s\" is not in 0..65535", q->service);
	if (r < 0)
		return err_set(err, from_eai(EAI_SERVICE), "unknown service \"%s\"%s%s", q->service,
			       name ? " for " : "", name ? name : "");
	return 0;
}

/* An address of IPv4 may be written as a mapped one, as for getaddrinfo(3). */
static bool parse_number(const struct net_query *q, uint16_t port, struct net_address *ret)
{
	return net_address_parse(q->host, q->family, port, ret) == 0 ||
	       (q->family == AF_INET && net_address_parse(q->host, AF_INET6, port, ret) == 0 &&
		net_address_unmap(ret));
}

/* Hosts that need no look-up: numbers, and the wildcard. */
static bool resolve_numeric(const struct net_query *q, uint16_t port, struct net_addresses *list)
{
	int first = q->prefer ? q->prefer : AF_INET6;
	struct net_address a;

	if (q->host && *q->host) {
		if (!parse_number(q, port, &a))
			return false;
		add(list, &a.any, a.len);
		return true;
	}
	if (!q->passive)
		return false;
	for (int i = 0; i < 2; i++) {
		int other = first == AF_INET ? AF_INET6 : AF_INET;
		int family = i == 0 ? first : other;

		if (q->family == AF_UNSPEC || q->family == family) {
			net_address_any(&a, family, port);
			add(list, &a.any, a.len);
		}
	}
	return true;
}

/* A number, but of a family that was not asked for. */
static bool is_of_other_family(const struct net_query *q)
{
	struct net_address a;

	return q->host && *q->host && net_address_parse(q->host, AF_UNSPEC, 0, &a) == 0;
}

struct lookup {
	const char *host;
	struct addrinfo hints;
	struct addrinfo *found;
	const struct net_resolver *resolver;
};

static int lookup_main(void *arg)
{
	static const struct net_resolver system = { 0 };
	struct lookup *l = arg;
	struct net_resolver_saved saved;
	int eai, r;

	r = net_resolver_enter(l->resolver ? l->resolver : &system, &saved);
	if (r < 0)
		return r;
	eai = getaddrinfo(l->host, NULL, &l->hints, &l->found);
	r = eai ? from_eai(eai) : 0;
	net_resolver_leave(&saved);
	return r;
}

/* AI_ADDRCONFIG does not count loopback addresses: on a host that has no others it
 * would deny even localhost.  So what seems unknown is asked for without it, too. */
static int look_up(struct lookup *l)
{
	int r = task_offload(lookup_main, l);

	if (r == -EAI_BASE + EAI_NONAME && l->hints.ai_flags & AI_ADDRCONFIG) {
		l->hints.ai_flags &= ~AI_ADDRCONFIG;
		r = task_offload(lookup_main, l);
	}
	return r;
}

/* Adds what is of the family (or, with same false, what is not). */
static void add_family(struct net_addresses *list, const struct addrinfo *found, int family,
		       bool same, uint16_t port)
{
	for (const struct addrinfo *ai = found; ai; ai = ai->ai_next) {
		if (family && (ai->ai_family == family) != same)
			continue;
		add(list, ai->ai_addr, ai->ai_addrlen);
		net_address_set_port(&list->items[list->n - 1], port);
	}
}

int net_resolve(const struct net_query *q, struct net_addresses *ret, struct err *err)
{
	auto_addresses list = { 0 };
	struct lookup l = {
		.host = q->host && *q->host ? q->host : NULL,
		.hints = { .ai_family = q->family,
			   .ai_socktype = q->type ? q->type : SOCK_STREAM,
			   .ai_flags = q->ai_flags | (q->passive ? AI_PASSIVE : 0) |
				       (q->numeric ? AI_NUMERICHOST : 0) },
		.resolver = q->resolver,
	};
	uint16_t port;
	int r;

	r = resolve_service(q, &port, err);
	if (r < 0)
		return r;

	if (!resolve_numeric(q, port, &list)) {
		if (!l.host)
			l.host = q->family == AF_INET6 ? "::1" : "127.0.0.1";
		r = is_of_other_family(q) ? from_eai(EAI_ADDRFAMILY) : look_up(&l);
		if (r < 0)
			return err_set(err, r, "%s: %s", l.host, net_reason(r));
		add_family(&list, l.found, q->prefer, true, port);
		if (q->prefer)
			add_family(&list, l.found, q->prefer, false, port);
		freeaddrinfo(l.found);
	}
	*ret = list;
	list = (struct net_addresses){ 0 };
	return 0;
}

struct reverse {
	const struct net_address *address;
	char *out;
	size_t size;
};

static int reverse_main(void *arg)
{
	struct reverse *r = arg;
	int eai = getnameinfo(&r->address->any, r->address->len, r->out, (socklen_t)r->size, NULL,
			      0, NI_NAMEREQD);

	return eai ? from_eai(eai) : 0;
}

int net_reverse(const struct net_address *a, char *out, size_t size)
{
	struct reverse r = { .address = a, .out = out, .size = size };

	return task_offload(reverse_main, &r);
}
