/* SPDX-License-Identifier: MIT */
/* File names below /proc, and the variables that replace them. */

#include "diag/places.h"
#include "base/fd.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *variable;
	const char *path;
} proc_files[] = {
	[PROC_TCP] = { "PROC_NET_TCP", "net/tcp" },
	[PROC_TCP6] = { "PROC_NET_TCP6", "net/tcp6" },
	[PROC_UDP] = { "PROC_NET_UDP", "net/udp" },
	[PROC_UDP6] = { "PROC_NET_UDP6", "net/udp6" },
	[PROC_RAW] = { "PROC_NET_RAW", "net/raw" },
	[PROC_RAW6] = { "PROC_NET_RAW6", "net/raw6" },
	[PROC_DCCP] = { "PROC_NET_DCCP", NULL },
	[PROC_SCTP] = { "PROC_NET_SCTP", NULL },
	[PROC_MPTCP] = { "PROC_NET_MPTCP", NULL },
	[PROC_UNIX] = { "PROC_NET_UNIX", "net/unix" },
	[PROC_PACKET] = { "PROC_NET_PACKET", "net/packet" },
	[PROC_NETLINK] = { "PROC_NET_NETLINK", "net/netlink" },
	[PROC_SOCKSTAT] = { "PROC_NET_SOCKSTAT", "net/sockstat" },
	[PROC_SOCKSTAT6] = { "PROC_NET_SOCKSTAT6", "net/sockstat6" },
	[PROC_SNMP] = { "PROC_NET_SNMP", "net/snmp" },
	[PROC_PORT_RANGE] = { "PROC_IP_LOCAL_PORT_RANGE", "sys/net/ipv4/ip_local_port_range" },
};
static_assert(ARRAY_SIZE(proc_files) == PROC_FILES, "every file has a place");

void diag_places_init(struct diag_places *places)
{
	*places = (struct diag_places){
		.root = getenv("PROC_ROOT"),
		.tcp_dump = getenv("TCPDIAG_FILE"),
	};
	places->root_given = places->root;
	if (!places->root)
		places->root = "/proc";
	for (size_t i = 0; i < PROC_FILES; i++)
		places->files[i] = getenv(proc_files[i].variable);
}

const char *diag_places_path(const struct diag_places *places, enum proc_file file, char *out)
{
	if (places->files[file])
		(void)snprintf(out, PLACES_PATH_MAX, "%s", places->files[file]);
	else
		(void)snprintf(out, PLACES_PATH_MAX, "%s/%s", places->root, proc_files[file].path);
	return out;
}

void diag_port_range(const struct diag_places *places, int *ret_low, int *ret_high)
{
	enum { RANGE_FILE_MAX = 256, LOW_WITHOUT_FILE = 1024, HIGH_WITHOUT_FILE = 4999 };
	char path[PLACES_PATH_MAX];
	auto_free char *text = NULL;
	char *end = NULL;
	long low, high;

	*ret_low = LOW_WITHOUT_FILE;
	*ret_high = HIGH_WITHOUT_FILE;
	if (fd_read_file(diag_places_path(places, PROC_PORT_RANGE, path), RANGE_FILE_MAX, &text) <
	    0)
		return;
	low = strtol(text, &end, 10);
	high = strtol(end, NULL, 10);
	if (low <= 0 || high <= 0 || low > UINT16_MAX || high > UINT16_MAX)
		return;
	*ret_low = (int)low;
	*ret_high = (int)high;
}
