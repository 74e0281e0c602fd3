/* SPDX-License-Identifier: MIT */
/* How the names of one address are looked up: flags of getaddrinfo(3) and the state of
 * the resolver, which net/ sets for the time of the question. */

#include "addr/families.h"
#include "addr/ip.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <resolv.h>

enum { NAME_SERVER_PORT = 53 };

/* args.mask: the AI_ flag, to be set or cleared; the last word counts. */
static int store_lookup_flag(const struct option *o, const struct opt_target *t, int fd,
			     struct err *err)
{
	struct settings *settings = t->settings;
	int flag = (int)o->type->args.mask;
	bool on = o->value.number[0] != 0;

	(void)fd;
	(void)err;
	settings->ai_on = on ? settings->ai_on | flag : settings->ai_on & ~flag;
	settings->ai_off = on ? settings->ai_off & ~flag : settings->ai_off | flag;
	return 0;
}

/* args.mask: the RES_ flag. */
static int store_resolver_flag(const struct option *o, const struct opt_target *t, int fd,
			       struct err *err)
{
	struct net_resolver *resolver = &((struct settings *)t->settings)->resolver;
	unsigned long flag = (unsigned long)o->type->args.mask;
	bool on = o->value.number[0] != 0;

	(void)fd;
	(void)err;
	resolver->on = on ? resolver->on | flag : resolver->on & ~flag;
	resolver->off = on ? resolver->off & ~flag : resolver->off | flag;
	return 0;
}

static int check_positive(const struct option *o, struct err *err)
{
	if (o->value.number[0] < 1 || o->value.number[0] > INT_MAX)
		return err_set(err, -ERANGE, "option \"%s\": %lld is less than 1 or too much",
			       o->name, o->value.number[0]);
	return 0;
}

static int store_wait(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct net_resolver *resolver = &((struct settings *)t->settings)->resolver;

	(void)fd;
	resolver->has_wait = true;
	resolver->wait = (int)o->value.number[0];
	return check_positive(o, err);
}

static int store_tries(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct net_resolver *resolver = &((struct settings *)t->settings)->resolver;

	(void)fd;
	resolver->has_tries = true;
	resolver->tries = (int)o->value.number[0];
	return check_positive(o, err);
}

/* host[:port] */
static int store_server(const struct option *o, const struct opt_target *t, int fd,
			struct err *err)
{
	struct net_resolver *resolver = &((struct settings *)t->settings)->resolver;
	struct net_query q = { .family = AF_INET, .type = SOCK_DGRAM, .protocol = IPPROTO_UDP };
	auto_free char *host = NULL;
	auto_free char *port = NULL;
	auto_addresses list = { 0 };
	int r;

	(void)fd;
	ip_split(o->value.text, &host, &port);
	if (!host)
		return err_set(err, -EINVAL, "option \"%s\": host is missing", o->name);
	q.host = host;
	q.service = port;
	r = net_resolve(&q, &list, err);
	if (r < 0)
		return r;
	resolver->server = list.items[0];
	if (!port)
		net_address_set_port(&resolver->server, NAME_SERVER_PORT);
	return 0;
}

#define IP46 (GROUP_IP4 | GROUP_IP6)
#define ROW(names, help, type, action, ...)                                                        \
	{ names, help, IP46, PHASE_OFFSET, SCOPE_SETTINGS, &value_##type, action, { __VA_ARGS__ } }
#define LOOKUP(names, help, flag) ROW(names, help, bool, store_lookup_flag, .mask = (flag))
#define RESOLVER(names, help, flag) ROW(names, help, bool, store_resolver_flag, .mask = (flag))

static const struct opt_type options[] = {
	LOOKUP("ai-addrconfig addrconfig", "resolve only to families the host has addresses of",
	       AI_ADDRCONFIG),
	LOOKUP("ai-all", "resolve to IPv6 and mapped IPv4 addresses", AI_ALL),
	LOOKUP("ai-v4mapped v4mapped", "resolve to mapped IPv4 addresses if there is no IPv6",
	       AI_V4MAPPED),
	LOOKUP("ai-passive passive", "without a host take the wildcard, not the loopback",
	       AI_PASSIVE),
	RESOLVER("res-debug", "set the resolver's flag for debugging", RES_DEBUG),
	RESOLVER("res-usevc usevc", "ask name servers over TCP", RES_USEVC),
	RESOLVER("res-igntc igntc", "take answers that were cut, do not ask again over TCP",
		 RES_IGNTC),
	RESOLVER("res-recurse recurse", "have name servers ask others", RES_RECURSE),
	RESOLVER("res-defnames defnames", "add the default domain to single words", RES_DEFNAMES),
	RESOLVER("res-stayopen stayopen", "keep the connection to the name server", RES_STAYOPEN),
	RESOLVER("res-dnsrch dnsrch", "search in the parent domains, too", RES_DNSRCH),
	ROW("res-retrans res-maxretrans retrans", "seconds to wait for an answer", int, store_wait,
	    .mask = 0),
	ROW("res-retry res-maxretry", "ask each name server so many times", int, store_tries,
	    .mask = 0),
	ROW("res-nsaddr dns nameserver nsaddr", "ask this name server only", ip4_socket,
	    store_server, .mask = 0),
};

const struct opt_table resolver_options = { options, ARRAY_SIZE(options) };
