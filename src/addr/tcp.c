/* SPDX-License-Identifier: MIT */
/* TCP: connect and listen, and the options of the protocol. */

#include "addr/families.h"
#include "addr/ip.h"
#include "opt/action.h"

#include <netinet/tcp.h>

/* A restarted server must not wait for old connections to be forgotten; any form
 * of the option, also the empty one, decides instead. */
static int listen_tcp(struct opening *o, struct listener **ret)
{
	return ip_open_listen(o, !opt_given(&o->address->options, "reuseaddr"), ret);
}

#define CONNECT_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_TCP)
#define LISTEN_GROUPS (CONNECT_GROUPS | GROUP_LISTEN | GROUP_RANGE)
#define TCP_ARGS(af) .args = { .family = (af), .type = SOCK_STREAM, .protocol = IPPROTO_TCP }

static const struct addr_type rows[] = {
	{ "TCP-CONNECT TCP INET", ":<host>:<port>", "connect to a TCP port",
	  CONNECT_GROUPS | GROUP_IP4 | GROUP_IP6, DIR_BOTH, 2, 2, ip_open_connect,
	  TCP_ARGS(AF_UNSPEC) },
	{ "TCP4-CONNECT TCP4 INET4", ":<host>:<port>", "connect to a TCP port over IPv4",
	  CONNECT_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, ip_open_connect, TCP_ARGS(AF_INET) },
	{ "TCP6-CONNECT TCP6 INET6", ":<host>:<port>", "connect to a TCP port over IPv6",
	  CONNECT_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, ip_open_connect, TCP_ARGS(AF_INET6) },
	{ "TCP-LISTEN TCP-L INET-LISTEN INET-L", ":<port>", "wait for a TCP connection",
	  LISTEN_GROUPS | GROUP_IP4 | GROUP_IP6, DIR_BOTH, 1, 1, NULL, listen_tcp,
	  TCP_ARGS(AF_UNSPEC) },
	{ "TCP4-LISTEN TCP4-L INET4-LISTEN INET4-L", ":<port>",
	  "wait for a TCP connection over IPv4", LISTEN_GROUPS | GROUP_IP4, DIR_BOTH, 1, 1, NULL,
	  listen_tcp, TCP_ARGS(AF_INET) },
	{ "TCP6-LISTEN TCP6-L INET6-LISTEN INET6-L", ":<port>",
	  "wait for a TCP connection over IPv6", LISTEN_GROUPS | GROUP_IP6, DIR_BOTH, 1, 1, NULL,
	  listen_tcp, TCP_ARGS(AF_INET6) },
};

const struct addr_table tcp_addresses = { rows, ARRAY_SIZE(rows) };

#define TCP_OPTION(names, help, number)                                                            \
	{ names, help, GROUP_TCP, PHASE_PASTSOCKET, SCOPE_FD, &value_int, opt_sockopt_int,         \
	  { .level = IPPROTO_TCP, .name = (number) } }

static const struct opt_type options[] = {
	TCP_OPTION("tcp-nodelay nodelay", "send small segments at once", TCP_NODELAY),
	TCP_OPTION("tcp-maxseg maxseg mss", "limit the segment size, in bytes", TCP_MAXSEG),
	{ "tcp-maxseg-late maxseg-late mss-late", "limit the segment size once connected",
	  GROUP_TCP, PHASE_CONNECTED, SCOPE_FD, &value_int, opt_sockopt_int,
	  { .level = IPPROTO_TCP, .name = TCP_MAXSEG } },
	TCP_OPTION("tcp-cork cork", "send only full segments", TCP_CORK),
	TCP_OPTION("tcp-keepidle keepidle", "seconds of silence before the first probe",
		   TCP_KEEPIDLE),
	TCP_OPTION("tcp-keepintvl keepintvl", "seconds between keepalive probes", TCP_KEEPINTVL),
	TCP_OPTION("tcp-keepcnt keepcnt", "unanswered probes before the connection is dropped",
		   TCP_KEEPCNT),
	TCP_OPTION("tcp-syncnt syncnt", "how often a SYN is sent again", TCP_SYNCNT),
	TCP_OPTION("tcp-linger2 linger2", "seconds an orphan stays in FIN-WAIT-2", TCP_LINGER2),
	TCP_OPTION("tcp-defer-accept defer-accept", "seconds to wait for data before accepting",
		   TCP_DEFER_ACCEPT),
	TCP_OPTION("tcp-window-clamp window-clamp", "bound the advertised window, in bytes",
		   TCP_WINDOW_CLAMP),
	TCP_OPTION("tcp-info info", "read-only in Linux: setting it fails", TCP_INFO),
	TCP_OPTION("tcp-quickack quickack", "acknowledge at once", TCP_QUICKACK),
	TCP_OPTION("tcp-md5sig md5sig", "expects a key structure: setting a number fails",
		   TCP_MD5SIG),
};

const struct opt_table tcp_options = { options, ARRAY_SIZE(options) };
