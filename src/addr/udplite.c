/* SPDX-License-Identifier: MIT */
/* UDP-Lite: UDP whose checksum may cover a part of the packet. */

#include "addr/families.h"
#include "addr/udp.h"
#include "base/platform.h"
#include "opt/action.h"

#define UDPLITE_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_UDP | GROUP_UDPLITE)
#define IP46 (GROUP_IP4 | GROUP_IP6)
#define UDPLITE_ARGS(af) .args = { .family = (af), .type = SOCK_DGRAM, .protocol = IPPROTO_UDPLITE }
#define PEER ":<host>:<port>"
#define PORT ":<port>"

static const struct addr_type rows[] = {
	{ "UDPLITE-CONNECT UDPLITE", PEER, "exchange packets with one UDP-Lite peer",
	  UDPLITE_GROUPS | IP46, DIR_BOTH, 2, 2, udp_connect, UDPLITE_ARGS(AF_UNSPEC) },
	{ "UDPLITE4-CONNECT UDPLITE4", PEER, "exchange packets with one UDP-Lite peer over IPv4",
	  UDPLITE_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, udp_connect, UDPLITE_ARGS(AF_INET) },
	{ "UDPLITE6-CONNECT UDPLITE6", PEER, "exchange packets with one UDP-Lite peer over IPv6",
	  UDPLITE_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, udp_connect, UDPLITE_ARGS(AF_INET6) },
	{ "UDPLITE-LISTEN UDPLITE-L", PORT, "wait for the first packet of a UDP-Lite peer",
	  UDPLITE_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | IP46, DIR_BOTH, 1, 1, NULL,
	  udp_listen, UDPLITE_ARGS(AF_UNSPEC) },
	{ "UDPLITE4-LISTEN UDPLITE4-L", PORT,
	  "wait for the first packet of a UDP-Lite peer over IPv4",
	  UDPLITE_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 1, 1,
	  NULL, udp_listen, UDPLITE_ARGS(AF_INET) },
	{ "UDPLITE6-LISTEN UDPLITE6-L", PORT,
	  "wait for the first packet of a UDP-Lite peer over IPv6",
	  UDPLITE_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 1, 1,
	  NULL, udp_listen, UDPLITE_ARGS(AF_INET6) },
	{ "UDPLITE-SENDTO UDPLITE-SEND", PEER, "send packets to a UDP-Lite peer",
	  UDPLITE_GROUPS | IP46, DIR_BOTH, 2, 2, udp_sendto, UDPLITE_ARGS(AF_UNSPEC) },
	{ "UDPLITE4-SENDTO UDPLITE4-SEND", PEER, "send packets to a UDP-Lite peer over IPv4",
	  UDPLITE_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, udp_sendto, UDPLITE_ARGS(AF_INET) },
	{ "UDPLITE6-SENDTO UDPLITE6-SEND", PEER, "send packets to a UDP-Lite peer over IPv6",
	  UDPLITE_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, udp_sendto, UDPLITE_ARGS(AF_INET6) },
	{ "UDPLITE-DATAGRAM UDPLITE-DGRAM", PEER, "send to one UDP-Lite address, hear everybody",
	  UDPLITE_GROUPS | GROUP_RANGE | IP46, DIR_BOTH, 2, 2, udp_datagram,
	  UDPLITE_ARGS(AF_UNSPEC) },
	{ "UDPLITE4-DATAGRAM UDPLITE4-DGRAM", PEER,
	  "send to one UDP-Lite address, hear everybody over IPv4",
	  UDPLITE_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 2, 2, udp_datagram,
	  UDPLITE_ARGS(AF_INET) },
	{ "UDPLITE6-DATAGRAM UDPLITE6-DGRAM", PEER,
	  "send to one UDP-Lite address, hear everybody over IPv6",
	  UDPLITE_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 2, 2, udp_datagram,
	  UDPLITE_ARGS(AF_INET6) },
	{ "UDPLITE-RECVFROM", PORT, "take one UDP-Lite packet and answer its sender",
	  UDPLITE_GROUPS | GROUP_CHILD | GROUP_RANGE | IP46, DIR_BOTH, 1, 1, NULL, udp_recvfrom,
	  UDPLITE_ARGS(AF_UNSPEC) },
	{ "UDPLITE4-RECVFROM", PORT, "take one UDP-Lite packet and answer its sender over IPv4",
	  UDPLITE_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 1, 1, NULL,
	  udp_recvfrom, UDPLITE_ARGS(AF_INET) },
	{ "UDPLITE6-RECVFROM", PORT, "take one UDP-Lite packet and answer its sender over IPv6",
	  UDPLITE_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 1, 1, NULL,
	  udp_recvfrom, UDPLITE_ARGS(AF_INET6) },
	{ "UDPLITE-RECV", PORT, "read the UDP-Lite packets of everybody",
	  UDPLITE_GROUPS | GROUP_RANGE | IP46, DIR_READ, 1, 1, udp_recv, UDPLITE_ARGS(AF_UNSPEC) },
	{ "UDPLITE4-RECV", PORT, "read the UDP-Lite packets of everybody over IPv4",
	  UDPLITE_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_READ, 1, 1, udp_recv,
	  UDPLITE_ARGS(AF_INET) },
	{ "UDPLITE6-RECV", PORT, "read the UDP-Lite packets of everybody over IPv6",
	  UDPLITE_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_READ, 1, 1, udp_recv,
	  UDPLITE_ARGS(AF_INET6) },
};

const struct addr_table udplite_addresses = { rows, ARRAY_SIZE(rows) };

#define UDPLITE(names, help, phase, number)							   \
	{ names, help, GROUP_UDPLITE, phase, SCOPE_FD, &value_int, opt_sockopt_int,		   \
	  { .level = IPPROTO_UDPLITE, .name = (number) } }

static const struct opt_type options[] = {
	UDPLITE("udplite-send-cscov", "let the checksum cover so many bytes of sent packets",
		PHASE_FD, UDPLITE_SEND_CSCOV),
	UDPLITE("udplite-recv-cscov", "drop packets whose checksum covers less than so many bytes",
		PHASE_FD, UDPLITE_RECV_CSCOV),
};

const struct opt_table udplite_options = { options, ARRAY_SIZE(options) };
