/* SPDX-License-Identifier: MIT */
/* Groups of receivers: joined for one interface, perhaps for one source only, and the
 * interface that is sent on.  Values are parts between colons; IPv6 addresses stand in
 * brackets.  Names are looked up when the option is applied. */

#include "addr/families.h"
#include "base/num.h"
#include "base/str.h"
#include "net/resolve.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 3 };

struct parts {
	char *text[PARTS_MAX];
	size_t n;
};

static void parts_done(struct parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		free(parts->text[i]);
}

#define auto_parts __attribute__((__cleanup__(parts_done))) struct parts

/* The length of the part that text begins with. */
static size_t part_len(const char *text)
{
	const char *bracket = *text == '[' ? strchr(text, ']') : NULL;

	return bracket ? (size_t)(bracket - text) + strcspn(bracket, ":") : strcspn(text, ":");
}

static int split(const struct option *o, size_t min, size_t max, struct parts *ret,
		 struct err *err)
{
	const char *at = o->value.text;
	size_t n = 0;

	for (const char *part = at; part; n++) {
		size_t len = part_len(part);

		if (n < max)
			ret->text[ret->n++] = str_copy_n(part, len);
		part = part[len] ? part + len + 1 : NULL;
	}
	if (n < min || n > max)
		return err_set(err, -EINVAL, "option \"%s\": \"%s\" has %zu parts instead of %zu",
			       o->name, at, n, n < min ? min : max);
	return 0;
}

static int resolve(const char *host, int family, struct net_address *ret, struct err *err)
{
	struct net_query q = { .host = host, .family = family, .type = SOCK_DGRAM };
	auto_addresses list = { 0 };
	int r;

	if (!*host)
		return err_set(err, -EINVAL, "an address is missing");
	r = net_resolve(&q, &list, err);
	if (r == 0)
		*ret = list.items[0];
	return r;
}

static int resolve4(const char *host, struct in_addr *ret, struct err *err)
{
	struct net_address a;
	int r = resolve(host, AF_INET, &a, err);

	if (r == 0)
		*ret = a.in.sin_addr;
	return r;
}

/* An interface's number or name; 0: it is neither. */
static unsigned int interface_index(const char *text)
{
	long long number;

	if (num_parse_decimal(text, 1, INT_MAX, &number) == 0)
		return (unsigned int)number;
	return if_nametoindex(text);
}

static int need_interface(const struct option *o, const char *text, unsigned int *ret,
			  struct err *err)
{
	*ret = interface_index(text);
	return *ret ? 0
		    : err_set(err, -ENODEV, "option \"%s\": no interface \"%s\"", o->name, text);
}

static int set(const struct option *o, int fd, const void *data, size_t len, struct err *err)
{
	const struct opt_args *args = &o->type->args;

	if (setsockopt(fd, args->level, args->name, data, (socklen_t)len) == 0)
		return 0;
	return err_set(err, -errno, "setsockopt(%d, %d, %d, {...}, %zu) for option \"%s\": %s", fd,
		       args->level, args->name, len, o->name, err_reason(-errno));
}

/* group:address, group:interface, group:address:interface */
static int join4(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct ip_mreqn request = { .imr_ifindex = 0 };
	auto_parts parts = { 0 };
	unsigned int index = 0;
	int r;

	(void)t;
	r = split(o, 2, 3, &parts, err);
	if (r == 0)
		r = resolve4(parts.text[0], &request.imr_multiaddr, err);
	if (r == 0 && parts.n == 3)
		r = need_interface(o, parts.text[2], &index, err);
	if (r == 0 && parts.n == 2)
		index = interface_index(parts.text[1]);
	if (r == 0 && (parts.n == 3 || index == 0))
		r = resolve4(parts.text[1], &request.imr_address, err);
	if (r < 0)
		return r;
	request.imr_ifindex = (int)index;
	return set(o, fd, &request, sizeof(request), err);
}

/* group:address of the interface:source */
static int join4_source(const struct option *o, const struct opt_target *t, int fd,
			struct err *err)
{
	struct ip_mreq_source request = { .imr_multiaddr.s_addr = 0 };
	auto_parts parts = { 0 };
	int r;

	(void)t;
	r = split(o, 3, 3, &parts, err);
	if (r == 0)
		r = resolve4(parts.text[0], &request.imr_multiaddr, err);
	if (r == 0)
		r = resolve4(parts.text[1], &request.imr_interface, err);
	if (r == 0)
		r = resolve4(parts.text[2], &request.imr_sourceaddr, err);
	return r < 0 ? r : set(o, fd, &request, sizeof(request), err);
}

static int set_interface4(const struct option *o, const struct opt_target *t, int fd,
			  struct err *err)
{
	struct in_addr address;
	int r = resolve4(o->value.text, &address, err);

	(void)t;
	return r < 0 ? r : set(o, fd, &address, sizeof(address), err);
}

/* [group]:interface */
static int join6(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct ipv6_mreq request = { .ipv6mr_interface = 0 };
	auto_parts parts = { 0 };
	struct net_address group;
	int r;

	(void)t;
	r = split(o, 2, 2, &parts, err);
	if (r == 0)
		r = resolve(parts.text[0], AF_INET6, &group, err);
	if (r == 0)
		r = need_interface(o, parts.text[1], &request.ipv6mr_interface, err);
	if (r < 0)
		return r;
	request.ipv6mr_multiaddr = group.in6.sin6_addr;
	return set(o, fd, &request, sizeof(request), err);
}

/* [group]:interface:[source] */
static int join6_source(const struct option *o, const struct opt_target *t, int fd,
			struct err *err)
{
	struct group_source_req request = { .gsr_interface = 0 };
	auto_parts parts = { 0 };
	struct net_address group, source;
	unsigned int index = 0;
	int r;

	(void)t;
	r = split(o, 3, 3, &parts, err);
	if (r == 0)
		r = resolve(parts.text[0], AF_INET6, &group, err);
	if (r == 0)
		r = need_interface(o, parts.text[1], &index, err);
	if (r == 0)
		r = resolve(parts.text[2], AF_INET6, &source, err);
	if (r < 0)
		return r;
	request.gsr_interface = index;
	request.gsr_group = group.storage;
	request.gsr_source = source.storage;
	return set(o, fd, &request, sizeof(request), err);
}

#define IP46 (GROUP_IP4 | GROUP_IP6)
#define ROW(names, help, groups, type, action, level_number, option_number)                        \
	{ names, help, groups, PHASE_PASTSOCKET, SCOPE_FD, &value_##type, action,                  \
	  { .level = (level_number), .name = (option_number) } }

static const struct opt_type options[] = {
	ROW("ip-add-membership add-membership ip-membership membership",
	    "join group:address, group:interface or group:address:interface", IP46, ip_mreqn, join4,
	    IPPROTO_IP, IP_ADD_MEMBERSHIP),
	ROW("ip-add-source-membership add-source-membership source-membership",
	    "join group:address of the interface:source", IP46, ip_mreq_source, join4_source,
	    IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP),
	ROW("ip-multicast-if multicast-if", "send to groups on the interface with this address",
	    IP46, ip4_name, set_interface4, IPPROTO_IP, IP_MULTICAST_IF),
	ROW("ipv6-join-group ipv6-add-membership join-group", "join [group]:interface", GROUP_IP6,
	    ip_mreqn, join6, IPPROTO_IPV6, IPV6_JOIN_GROUP),
	ROW("ipv6-join-source-group ipv6-add-source-membership join-source-group",
	    "join [group]:interface:[source]", GROUP_IP6, group_source, join6_source, IPPROTO_IPV6,
	    MCAST_JOIN_SOURCE_GROUP),
};

const struct opt_table multicast_options = { options, ARRAY_SIZE(options) };
