/* SPDX-License-Identifier: MIT */
/* Options of IPv4 and IPv6, and of name resolution. */

#include "addr/families.h"
#include "base/platform.h"
#include "opt/action.h"

#include <netdb.h>

/* args.mask: the AI_ flag, to be set or cleared; the last word counts. */
static int store_resolver_flag(const struct option *o, const struct opt_target *t, int fd,
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

#define IP46 (GROUP_IP4 | GROUP_IP6)
#define IP(names, help, number)                                                                    \
	{ names, help, IP46, PHASE_PASTSOCKET, SCOPE_FD, &value_int, opt_sockopt_int,              \
	  { .level = IPPROTO_IP, .name = (number) } }
#define IP_BYTE(names, help, number)                                                               \
	{ names, help, IP46, PHASE_PASTSOCKET, SCOPE_FD, &value_byte, opt_sockopt_byte,            \
	  { .level = IPPROTO_IP, .name = (number) } }
#define IP6(names, help, number)                                                                   \
	{ names, help, GROUP_IP6, PHASE_PASTSOCKET, SCOPE_FD, &value_int, opt_sockopt_int,         \
	  { .level = IPPROTO_IPV6, .name = (number) } }
#define RESOLVER(names, help, flag)                                                                \
	{ names, help, IP46, PHASE_OFFSET, SCOPE_SETTINGS, &value_bool, store_resolver_flag,       \
	  { .mask = (flag) } }

static const struct opt_type options[] = {
	IP("ip-tos iptos tos", "set the type of service of sent packets", IP_TOS),
	IP("ip-ttl ipttl ttl", "set the time to live of sent packets", IP_TTL),
	IP("ip-mtu-discover ipmtudiscover mtudiscover",
	   "path MTU discovery: 0 no, 1 want, 2 do, 3 probe", IP_MTU_DISCOVER),
	IP("ip-mtu ipmtu mtu", "read-only in Linux: setting it fails", IP_MTU),
	IP("ip-freebind freebind ipfreebind", "bind to an address the host has not got",
	   IP_FREEBIND),
	{ "ip-transparent transparent", "use addresses of others, as a transparent proxy", IP46,
	  PHASE_PREBIND, SCOPE_FD, &value_bool, opt_sockopt_int,
	  { .level = IPPROTO_IP, .name = IP_TRANSPARENT } },
	IP_BYTE("ip-multicast-ttl ipmulticastttl multicast-ttl multicastttl",
		"set the time to live of multicast packets", IP_MULTICAST_TTL),
	IP_BYTE("ip-multicast-loop ipmulticastloop mcloop multicast-loop multicastloop",
		"hear one's own multicast packets", IP_MULTICAST_LOOP),
	{ "ipv6-v6only ipv6only v6only", "leave IPv4 alone", GROUP_IP6, PHASE_PREBIND, SCOPE_FD,
	  &value_int, opt_sockopt_int, { .level = IPPROTO_IPV6, .name = IPV6_V6ONLY } },
	IP6("ipv6-unicast-hops unicast-hops", "set the hop limit of sent packets",
	    IPV6_UNICAST_HOPS),
	IP6("ipv6-tclass", "set the traffic class of sent packets", IPV6_TCLASS),
	{ "ipv6-mtu-discover mtudiscover6", "path MTU discovery over IPv6", IP46, PHASE_PASTSOCKET,
	  SCOPE_FD, &value_int, opt_sockopt_int,
	  { .level = IPPROTO_IPV6, .name = IPV6_MTU_DISCOVER } },
	IP6("ipv6-multicast-loop ipv6-mcloop mcloop6", "hear one's own multicast packets",
	    IPV6_MULTICAST_LOOP),
	RESOLVER("ai-addrconfig addrconfig", "resolve only to families the host has addresses of",
		 AI_ADDRCONFIG),
	RESOLVER("ai-all", "resolve to IPv6 and mapped IPv4 addresses", AI_ALL),
	RESOLVER("ai-v4mapped v4mapped", "resolve to mapped IPv4 addresses if there is no IPv6",
		 AI_V4MAPPED),
	RESOLVER("ai-passive passive", "resolve for binding", AI_PASSIVE),
};

const struct opt_table ip_options = { options, ARRAY_SIZE(options) };
