/* SPDX-License-Identifier: MIT */
#pragma once

/* The tables of the families, each defined in the file that bears its name. */

#include "addr/addr.h"

extern const struct addr_table stdio_addresses, file_addresses, memory_addresses, program_addresses,
	tcp_addresses, udp_addresses, unix_addresses, accept_fd_addresses, pty_addresses,
	udplite_addresses, sctp_addresses, dccp_addresses, rawip_addresses, generic_addresses,
	vsock_addresses, interface_addresses, tun_addresses, openssl_addresses,
	socks_addresses, proxy_addresses, posixmq_addresses, readline_addresses;

extern const struct opt_table flow_options, fd_options, file_options, process_options,
	session_options, program_options, socket_options, ip_options, multicast_options,
	resolver_options, inode_options, tcpwrap_options, tcp_options, unix_options,
	termios_options, pty_options, udplite_options, sctp_options, dccp_options,
	interface_options, tun_options, openssl_options, transport_options, socks_options,
	proxy_options, posixmq_options, readline_options;

/* An option row that is only stored, in this member of struct settings: type is of
 * value_..., store of opt_store_... (opt/action.h). */
#define STORED(names, help, group, phase, type, store, member)                                     \
	{ names, help, group, phase, SCOPE_SETTINGS, &value_##type, opt_store_##store,             \
	  { .offset = offsetof(struct settings, member) } }
