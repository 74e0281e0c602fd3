/* SPDX-License-Identifier: MIT */
/* The evaluation of an expression on one record. */

#include "filter/filter.h"

#include <fnmatch.h>
#include <string.h>

enum { IPV4_OFFSET_IN_MAPPED = 12, NAME_MAX_SHOWN = 512, WELL_KNOWN_PORTS = 1023 };

static const struct sock_end *end_of(const struct sock_record *record, enum filter_side side)
{
	return side == FILTER_LOCAL ? &record->local : &record->peer;
}

/* What ss takes for the port of a row. */
static int32_t port_of(const struct sock_record *record, enum filter_side side)
{
	switch (record->family) {
	case AF_PACKET:
		return side == FILTER_LOCAL ? (int32_t)record->interface : 0;
	case AF_NETLINK:
		return side == FILTER_LOCAL ? (int32_t)record->local.port : -1;
	default:
		return (int32_t)end_of(record, side)->port;
	}
}

/* What ss takes for the address of a row: for packet and netlink sockets their
 * protocol.  false: it has none that could be compared. */
static bool address_of(const struct sock_record *record, enum filter_side side, uint8_t address[16])
{
	uint32_t number = side == FILTER_LOCAL ? record->link_protocol : 0;

	memset(address, 0, sizeof(end_of(record, side)->address));
	switch (record->family) {
	case AF_UNIX:
		return side == FILTER_PEER || !record->name.len;
	case AF_PACKET:
	case AF_NETLINK:
		memcpy(address, &number, sizeof(number));
		return true;
	default:
		memcpy(address, end_of(record, side)->address,
		       sizeof(end_of(record, side)->address));
		return true;
	}
}

static bool bits_match(const uint8_t *address, const struct filter_prefix *prefix)
{
	unsigned int bytes = prefix->bits / 8, rest = prefix->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(address, prefix->address, bytes) == 0 &&
	       (!rest || !((address[bytes] ^ prefix->address[bytes]) & mask));
}

static bool is_mapped(const uint8_t address[16])
{
	static const uint8_t mapped[IPV4_OFFSET_IN_MAPPED] = { [10] = 0xff, [11] = 0xff };

	return memcmp(address, mapped, sizeof(mapped)) == 0;
}

/* An IPv4 prefix stands for IPv4-mapped addresses too. */
static bool prefix_matches(const struct filter_prefix *prefix, const struct sock_record *record,
			   const uint8_t address[16])
{
	bool told_by_kernel = !record->over_proc && !record->recorded &&
			      (record->family == AF_INET || record->family == AF_INET6);

	if (prefix->family == AF_INET && record->family == AF_INET6 && is_mapped(address) &&
	    bits_match(address + IPV4_OFFSET_IN_MAPPED, prefix))
		return true;
	if (told_by_kernel && prefix->family != AF_UNSPEC && prefix->family != record->family)
		return false;
	return bits_match(address, prefix);
}

/* A name as it is shown: each NUL of an abstract one is an @. */
static void copy_name(const struct sock_bytes *name, char shown[NAME_MAX_SHOWN])
{
	size_t len = MIN(name->len, (size_t)NAME_MAX_SHOWN - 1);
	const char *data = name->data;

	if (len)
		memcpy(shown, data, len);
	shown[len] = '\0';
	for (size_t i = 0; i < len && data[0] == '\0'; i++)
		if (shown[i] == '\0')
			shown[i] = '@';
}

static bool name_matches(const char *pattern, const struct sock_record *record,
			 enum filter_side side)
{
	char shown[NAME_MAX_SHOWN] = "";

	if (record->family != AF_UNIX)
		return false;
	if (side == FILTER_LOCAL)
		copy_name(&record->name, shown);
	return fnmatch(pattern, shown, FNM_CASEFOLD) == 0;
}

static bool host_matches(const struct filter_node *node, const struct sock_record *record)
{
	const struct filter_host *host = &node->host;
	uint8_t address[16];

	if (host->pattern)
		return name_matches(host->pattern, record, node->side);
	if (host->port != FILTER_ANY_PORT && host->port != port_of(record, node->side))
		return false;
	if (!host->count)
		return true;
	if (!address_of(record, node->side, address))
		return host->prefixes[0].bits == 0;
	for (size_t i = 0; i < host->count; i++)
		if (prefix_matches(&host->prefixes[i], record, address))
			return true;
	return false;
}

/* The name that the kernel gives on autobind: @ and five hexadecimal digits. */
static bool is_given_name(const struct sock_record *record)
{
	enum { GIVEN_NAME_LENGTH = 6 };
	char shown[NAME_MAX_SHOWN];

	copy_name(&record->name, shown);
	return !shown[0] || (shown[0] == '@' && strlen(shown) == GIVEN_NAME_LENGTH &&
			     strspn(shown + 1, "0123456789abcdef") == GIVEN_NAME_LENGTH - 1);
}

static bool is_autobound(const struct filter *filter, const struct sock_record *record)
{
	int32_t port = port_of(record, FILTER_LOCAL);

	switch (record->family) {
	case AF_UNIX:
		return is_given_name(record);
	case AF_PACKET:
		return port == 0 && record->link_protocol == 0;
	case AF_NETLINK:
		return port < 0;
	case AF_VSOCK:
		return port > WELL_KNOWN_PORTS;
	default:
		return port >= filter->range_low && port <= filter->range_high;
	}
}

static bool node_matches(const struct filter *filter, uint32_t i, const struct sock_record *record)
{
	const struct filter_node *node = &filter->nodes[i];

	switch (node->kind) {
	case FILTER_AND:
		return node_matches(filter, node->operands.left, record) &&
		       node_matches(filter, node->operands.right, record);
	case FILTER_OR:
		return node_matches(filter, node->operands.left, record) ||
		       node_matches(filter, node->operands.right, record);
	case FILTER_NOT:
		return !node_matches(filter, node->operands.left, record);
	case FILTER_HOST:
		return host_matches(node, record);
	case FILTER_PORT_GE:
		return port_of(record, node->side) >= node->port;
	case FILTER_PORT_LE:
		return port_of(record, node->side) <= node->port;
	case FILTER_DEVICE:
		return record->interface == node->device;
	case FILTER_MARK:
		return (record->mark & node->mark.mask) == node->mark.value;
	case FILTER_CGROUP:
		return record->cgroup == node->cgroup;
	case FILTER_AUTOBOUND:
		return is_autobound(filter, record);
	}
	return false;
}

bool filter_matches(const struct filter *filter, const struct sock_record *record)
{
	return !filter->count || node_matches(filter, (uint32_t)filter->count - 1, record);
}
