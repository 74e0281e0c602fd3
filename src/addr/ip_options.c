/* SPDX-License-Identifier: MIT */
/* Options of IPv4 and IPv6. */

#include "addr/families.h"
#include "base/platform.h"
#include "opt/action.h"

#include <errno.h>
#include <netinet/ip.h>
#include <string.h>

/* What the socket has already stays in front. */
static int add_ip_options(const struct option *o, const struct opt_target *t, int fd,
			  struct err *err)
{
	uint8_t all[MAX_IPOPTLEN + OPT_BINARY_MAX];
	socklen_t len = MAX_IPOPTLEN;

	(void)t;
	if (getsockopt(fd, IPPROTO_IP, IP_OPTIONS, all, &len) < 0)
		return err_set(err, -errno, "getsockopt(%d, IPPROTO_IP, IP_OPTIONS): %s", fd,
			       err_reason(-errno));
	memcpy(all + len, o->value.text, o->value.len);
	len += (socklen_t)o->value.len;
	if (setsockopt(fd, IPPROTO_IP, IP_OPTIONS, all, len) < 0)
		return err_set(err, -errno,
			       "setsockopt(%d, %d, %d, {...}, %u) for option \"%s\": %s", fd,
			       IPPROTO_IP, IP_OPTIONS, len, o->name, err_reason(-errno));
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

static const struct opt_type options[] = {
	{ "ip-options ipoptions", "add these bytes to the options of sent packets", IP46,
	  PHASE_PASTSOCKET, SCOPE_FD, &value_binary, add_ip_options },
	IP("ip-pktinfo ippktinfo pktinfo", "tell interface and address of received packets",
	   IP_PKTINFO),
	IP("ip-recvtos iprecvtos recvtos", "tell the type of service of received packets",
	   IP_RECVTOS),
	IP("ip-recvttl iprecvttl recvttl", "tell the time to live of received packets",
	   IP_RECVTTL),
	IP("ip-recvopts iprecvopts recvopts", "tell the options of received packets", IP_RECVOPTS),
	IP("ip-retopts ipretopts retopts", "tell the options for an answer to received packets",
	   IP_RETOPTS),
	IP("ip-recverr iprecverr recverr", "tell the errors that sent packets met with",
	   IP_RECVERR),
	IP("ip-hdrincl hdrincl iphdrincl", "the data of a raw socket begins with the IP header",
	   IP_HDRINCL),
	IP("ip-router-alert iprouteralert routeralert",
	   "have a raw socket receive what is marked for routers", IP_ROUTER_ALERT),
	IP("ip-pktoptions ippktoptions pktoptions pktopts", "read-only in Linux: setting it fails",
	   IP_PKTOPTIONS),
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
	IP6("ipv6-recvpktinfo recvpktinfo", "tell interface and address of received packets",
	    IPV6_RECVPKTINFO),
	IP6("ipv6-recvhoplimit recvhoplimit", "tell the hop limit of received packets",
	    IPV6_RECVHOPLIMIT),
	IP6("ipv6-recvtclass", "tell the traffic class of received packets", IPV6_RECVTCLASS),
	IP6("ipv6-recvrthdr recvrthdr", "tell the routing header of received packets",
	    IPV6_RECVRTHDR),
	IP6("ipv6-recvdstopts recvdstopts", "tell the destination options of received packets",
	    IPV6_RECVDSTOPTS),
	IP6("ipv6-recvhopopts recvhopopts", "tell the hop-by-hop options of received packets",
	    IPV6_RECVHOPOPTS),
	IP6("ipv6-recverr", "tell the errors that sent packets met with", IPV6_RECVERR),
	IP6("ipv6-recvpathmtu", "tell the path MTU when a packet was too big", IPV6_RECVPATHMTU),
	IP6("ipv6-pktinfo", "expects a structure: setting a number fails", IPV6_PKTINFO),
	IP6("ipv6-rthdr rthdr", "expects a header: setting a number fails", IPV6_RTHDR),
	IP6("ipv6-authhdr authhdr", "not implemented by Linux: setting it fails", IPV6_AUTHHDR),
	IP6("ipv6-dstopts dstopts", "expects a header: setting a number fails", IPV6_DSTOPTS),
	IP6("ipv6-hopopts hopopts", "expects a header: setting a number fails", IPV6_HOPOPTS),
	IP6("ipv6-hoplimit hoplimit", "of single packets only: setting it fails", IPV6_HOPLIMIT),
};

const struct opt_table ip_options = { options, ARRAY_SIZE(options) };
