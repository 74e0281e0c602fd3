/* SPDX-License-Identifier: MIT */
/* DCCP, packets under congestion control: connect and listen. */

#include "addr/families.h"
#include "addr/ip.h"
#include "base/platform.h"
#include "opt/action.h"

static int listen_dccp(struct opening *o, struct listener **ret)
{
	return ip_open_listen(o, false, ret);
}

#define CONNECT_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_DCCP)
#define LISTEN_GROUPS (CONNECT_GROUPS | GROUP_LISTEN | GROUP_RANGE)
#define DCCP_ARGS(af) .args = { .family = (af), .type = SOCK_DCCP, .protocol = IPPROTO_DCCP }

static const struct addr_type rows[] = {
	{ "DCCP-CONNECT DCCP", ":<host>:<port>", "connect to a DCCP port",
	  CONNECT_GROUPS | GROUP_IP4 | GROUP_IP6, DIR_BOTH, 2, 2, ip_open_connect,
	  DCCP_ARGS(AF_UNSPEC) },
	{ "DCCP4-CONNECT DCCP4", ":<host>:<port>", "connect to a DCCP port over IPv4",
	  CONNECT_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, ip_open_connect, DCCP_ARGS(AF_INET) },
	{ "DCCP6-CONNECT DCCP6", ":<host>:<port>", "connect to a DCCP port over IPv6",
	  CONNECT_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, ip_open_connect, DCCP_ARGS(AF_INET6) },
	{ "DCCP-LISTEN DCCP-L", ":<port>", "wait for a DCCP connection",
	  LISTEN_GROUPS | GROUP_IP4 | GROUP_IP6, DIR_BOTH, 1, 1, NULL, listen_dccp,
	  DCCP_ARGS(AF_UNSPEC) },
	{ "DCCP4-LISTEN DCCP4-L", ":<port>", "wait for a DCCP connection over IPv4",
	  LISTEN_GROUPS | GROUP_IP4, DIR_BOTH, 1, 1, NULL, listen_dccp, DCCP_ARGS(AF_INET) },
	{ "DCCP6-LISTEN DCCP6-L", ":<port>", "wait for a DCCP connection over IPv6",
	  LISTEN_GROUPS | GROUP_IP6, DIR_BOTH, 1, 1, NULL, listen_dccp, DCCP_ARGS(AF_INET6) },
};

const struct addr_table dccp_addresses = { rows, ARRAY_SIZE(rows) };

#define DCCP(names, help, phase, number)							   \
	{ names, help, GROUP_DCCP, phase, SCOPE_FD, &value_byte, opt_sockopt_byte,		   \
	  { .level = SOL_DCCP, .name = (number) } }

static const struct opt_type options[] = {
	DCCP("dccp-set-ccid ccid", "choose the congestion control by its number", PHASE_PASTSOCKET,
	     DCCP_SOCKOPT_CCID),
};

const struct opt_table dccp_options = { options, ARRAY_SIZE(options) };
