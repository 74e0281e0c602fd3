/* SPDX-License-Identifier: MIT */
/* SCTP, one stream of one association: connect and listen. */

#include "addr/families.h"
#include "addr/ip.h"
#include "base/platform.h"
#include "opt/action.h"

static int listen_sctp(struct opening *o, struct listener **ret)
{
	return ip_open_listen(o, false, ret);
}

#define CONNECT_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_SCTP)
#define LISTEN_GROUPS (CONNECT_GROUPS | GROUP_LISTEN | GROUP_RANGE)
#define SCTP_ARGS(af) .args = { .family = (af), .type = SOCK_STREAM, .protocol = IPPROTO_SCTP }

static const struct addr_type rows[] = {
	{ "SCTP-CONNECT SCTP", ":<host>:<port>", "connect to an SCTP port",
	  CONNECT_GROUPS | GROUP_IP4 | GROUP_IP6, DIR_BOTH, 2, 2, ip_open_connect,
	  SCTP_ARGS(AF_UNSPEC) },
	{ "SCTP4-CONNECT SCTP4", ":<host>:<port>", "connect to an SCTP port over IPv4",
	  CONNECT_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, ip_open_connect, SCTP_ARGS(AF_INET) },
	{ "SCTP6-CONNECT SCTP6", ":<host>:<port>", "connect to an SCTP port over IPv6",
	  CONNECT_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, ip_open_connect, SCTP_ARGS(AF_INET6) },
	{ "SCTP-LISTEN SCTP-L", ":<port>", "wait for an SCTP connection",
	  LISTEN_GROUPS | GROUP_IP4 | GROUP_IP6, DIR_BOTH, 1, 1, NULL, listen_sctp,
	  SCTP_ARGS(AF_UNSPEC) },
	{ "SCTP4-LISTEN SCTP4-L", ":<port>", "wait for an SCTP connection over IPv4",
	  LISTEN_GROUPS | GROUP_IP4, DIR_BOTH, 1, 1, NULL, listen_sctp, SCTP_ARGS(AF_INET) },
	{ "SCTP6-LISTEN SCTP6-L", ":<port>", "wait for an SCTP connection over IPv6",
	  LISTEN_GROUPS | GROUP_IP6, DIR_BOTH, 1, 1, NULL, listen_sctp, SCTP_ARGS(AF_INET6) },
};

const struct addr_table sctp_addresses = { rows, ARRAY_SIZE(rows) };

#define SCTP(names, help, phase, number)							   \
	{ names, help, GROUP_SCTP, phase, SCOPE_FD, &value_int, opt_sockopt_int,		   \
	  { .level = IPPROTO_SCTP, .name = (number) } }

static const struct opt_type options[] = {
	SCTP("sctp-nodelay", "send small chunks at once", PHASE_PASTSOCKET, SCTP_NODELAY),
	SCTP("sctp-maxseg", "limit the chunk size, in bytes", PHASE_PASTSOCKET, SCTP_MAXSEG),
	SCTP("sctp-maxseg-late", "limit the chunk size once connected", PHASE_CONNECTED,
	     SCTP_MAXSEG),
};

const struct opt_table sctp_options = { options, ARRAY_SIZE(options) };
