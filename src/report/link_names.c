/* SPDX-License-Identifier: MIT */
/* Names of Ethernet and netlink protocols, and of the processes that netlink
 * sockets are named after. */

#include "base/fd.h"
#include "base/num.h"
#include "base/str.h"
#include "report/names.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	uint16_t protocol;
	const char *name;
} ethernet[] = {
	{ 0x60, "loop" },	{ 0x200, "pup" },	{ 0x201, "pupat" },
	{ 0x800, "ip" },	{ 0x805, "x25" },	{ 0x806, "arp" },
	{ 0x8ff, "bpq" },	{ 0xa00, "ieeepup" },	{ 0xa01, "ieeepupat" },
	{ 0x6000, "dec" },	{ 0x6001, "dna_dl" },	{ 0x6002, "dna_rc" },
	{ 0x6003, "dna_rt" },	{ 0x6004, "lat" },	{ 0x6005, "diag" },
	{ 0x6006, "cust" },	{ 0x6007, "sca" },	{ 0x8035, "rarp" },
	{ 0x809b, "atalk" },	{ 0x80f3, "aarp" },	{ 0x8137, "ipx" },
	{ 0x86dd, "ipv6" },	{ 0x8863, "ppp_disc" }, { 0x8864, "ppp_ses" },
	{ 0x884c, "atmmpoa" },	{ 0x8884, "atmfate" },	{ 1, "802_3" },
	{ 2, "ax25" },		{ 3, "all" },		{ 4, "802_2" },
	{ 5, "snap" },		{ 6, "ddcmp" },		{ 7, "wan_ppp" },
	{ 8, "ppp_mp" },	{ 9, "localtalk" },	{ 0xc, "can" },
	{ 0x10, "ppptalk" },	{ 0x11, "tr_802_2" },	{ 0x15, "mobitex" },
	{ 0x16, "control" },	{ 0x17, "irda" },	{ 0x18, "econet" },
	{ 0x88ca, "tipc" },	{ 0x8892, "profinet" }, { 0x88a2, "aoe" },
	{ 0x88a4, "ethercat" }, { 0x8100, "802.1Q" },	{ 0x88a8, "802.1ad" },
	{ 0x8847, "mpls_uc" },	{ 0x8848, "mpls_mc" },	{ 0x6558, "teb" },
	{ 0x8902, "cfm" },	{ 0x88cc, "LLDP" },
};

static const char *const netlink[] = {
	"rtnl",	 "unused", "usersock",	 "fw",	      "tcpdiag", "nflog",  "xfrm",   "selinux",
	"iscsi", "audit",  "fiblookup",	 "connector", "nft",	 "ip6fw",  "dec-rt", "uevent",
	"genl",	 NULL,	   "scsi-trans", "ecryptfs",  "rdma",	 "crypto",
};

const char *names_ethernet(uint16_t protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(ethernet); i++)
		if (ethernet[i].protocol == protocol)
			return ethernet[i].name;
	return NULL;
}

/* A line "NUMBER NAME" of the file that may rename them. */
static void take_line(char **names, const char *line)
{
	char number[32], name[128];
	long long protocol;

	if (sscanf(line, "%31s %127s", number, name) != 2 || number[0] == '#')
		return;
	if (num_parse_c(number, 0, NAMES_NETLINK - 1, &protocol) < 0)
		return;
	free(names[protocol]);
	names[protocol] = str_copy(name);
}

static void read_netlink_names(char **names)
{
	static const char *const files[] = { "/etc/iproute2/nl_protos",
					     "/usr/share/iproute2/nl_protos",
					     "/usr/lib/iproute2/nl_protos" };
	enum { NAMES_FILE_MAX = 1 << 16 };
	auto_free char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(netlink); i++)
		if (netlink[i])
			names[i] = str_copy(netlink[i]);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (fd_read_file(files[i], NAMES_FILE_MAX, &text) >= 0)
			break;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		take_line(names, line);
	}
}

const char *names_netlink(struct names *names, uint16_t protocol)
{
	if (!names->netlink) {
		names->netlink = mem_new(NAMES_NETLINK, sizeof(*names->netlink));
		read_netlink_names(names->netlink);
	}
	return protocol < NAMES_NETLINK ? names->netlink[protocol] : NULL;
}

/* Only for input: ss shows it as "ip". */
static const char ip_alias[] = "ipv4";

int names_ethernet_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ethernet); i++)
		if (str_equal_nocase(ethernet[i].name, name))
			return ethernet[i].protocol;
	return str_equal_nocase(name, ip_alias) ? ETH_P_IP : -1;
}

int names_netlink_number(struct names *names, const char *name)
{
	for (uint16_t i = 0; i < NAMES_NETLINK; i++) {
		const char *known = names_netlink(names, i);

		if (known && str_equal(known, name))
			return i;
	}
	return -1;
}

bool names_process(const struct names *names, int pid, char *ret)
{
	auto_free char *path = str_format("%s/%d/stat", names->places->root, pid);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char stat[NAMES_PROCESS_SIZE];
	const char *name, *end;
	ssize_t len = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);

	if (len <= 0)
		return false;
	stat[len] = '\0';
	name = strchr(stat, '(');
	end = name ? strchr(name, ')') : NULL;
	if (!end || end == name + 1)
		return false;
	memcpy(ret, name + 1, (size_t)(end - name - 1));
	ret[end - name - 1] = '\0';
	return true;
}
