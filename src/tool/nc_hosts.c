/* SPDX-License-Identifier: MIT */
/* Patterns of addresses; see nc_hosts.h. */

#include "tool/nc_hosts.h"

#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OCTET_MAX = 255, IN_BITS = 32 };

/* "7", "*", "1-5", "-5", "5-": one octet. */
static int parse_octet(const char *text, size_t len, uint8_t *ret_low, uint8_t *ret_high)
{
	auto_free char *copy = str_copy_n(text, len);
	char *dash = strchr(copy, '-');
	long long low = 0, high = OCTET_MAX;

	if (str_equal(copy, "*") || str_equal(copy, "-")) {
		*ret_low = 0;
		*ret_high = OCTET_MAX;
		return 0;
	}
	if (!len || strspn(copy, "0123456789-") != len)
		return -EINVAL;
	if (dash)
		*dash = '\0';
	if (*copy && num_parse_decimal(copy, 0, OCTET_MAX, &low) < 0)
		return -EINVAL;
	if (!dash)
		high = low;
	else if (dash[1] && num_parse_decimal(dash + 1, 0, OCTET_MAX, &high) < 0)
		return -EINVAL;
	if (low > high)
		return -EINVAL;
	*ret_low = (uint8_t)low;
	*ret_high = (uint8_t)high;
	return 0;
}

static int parse_ranges(const char *text, struct nc_host_pattern *ret)
{
	for (size_t i = 0; i < NC_HOSTS_OCTETS; i++) {
		size_t len = strcspn(text, ".");

		if (parse_octet(text, len, &ret->low[i], &ret->high[i]) < 0)
			return -EINVAL;
		text += len;
		if ((*text == '.') != (i + 1 < NC_HOSTS_OCTETS))
			return -EINVAL;
		text += *text == '.';
	}
	ret->family = AF_INET;
	return 0;
}

int nc_host_of_address(const struct net_address *a, int bits, struct nc_host_pattern *ret)
{
	bool is_in = a->any.sa_family == AF_INET;
	int most = is_in ? IN_BITS : NC_HOSTS_BITS_MAX;

	*ret = (struct nc_host_pattern){ .family = a->any.sa_family, .is_masked = true };
	if (bits > most || (!is_in && a->any.sa_family != AF_INET6))
		return -EINVAL;
	ret->bits = (unsigned int)(bits < 0 ? most : bits);
	if (is_in)
		memcpy(ret->address, &a->in.sin_addr, sizeof(a->in.sin_addr));
	else
		memcpy(ret->address, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	return 0;
}

int nc_host_parse(const char *text, struct nc_host_pattern *ret, int *ret_bits)
{
	const char *slash = strchr(text, '/');
	auto_free char *host = str_copy_n(text, slash ? (size_t)(slash - text) : strlen(text));
	struct net_address address;
	long long bits = -1;

	*ret = (struct nc_host_pattern){ .family = AF_UNSPEC };
	if (!*host || (slash && num_parse_decimal(slash + 1, 0, NC_HOSTS_BITS_MAX, &bits) < 0))
		return -EINVAL;
	*ret_bits = (int)bits;
	if (net_address_parse(host, AF_UNSPEC, 0, &address) == 0)
		return nc_host_of_address(&address, *ret_bits, ret);
	if (strspn(host, "0123456789.*-") == strlen(host))
		return slash ? -EINVAL : parse_ranges(host, ret);
	return 1;
}

void nc_hosts_add(struct nc_hosts *list, const struct nc_host_pattern *pattern)
{
	list->items = mem_resize(list->items, list->n + 1, sizeof(*list->items));
	list->items[list->n++] = *pattern;
}

void nc_hosts_done(struct nc_hosts *list)
{
	free(list->items);
	*list = (struct nc_hosts){ 0 };
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	unsigned int rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return !rest || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static bool matches(const struct nc_host_pattern *p, int family, const uint8_t *bytes)
{
	if (p->family != family)
		return false;
	if (p->is_masked)
		return same_bits(p->address, bytes, p->bits);
	for (size_t i = 0; i < NC_HOSTS_OCTETS; i++)
		if (bytes[i] < p->low[i] || bytes[i] > p->high[i])
			return false;
	return true;
}

bool nc_hosts_contain(const struct nc_hosts *list, const struct net_address *a)
{
	struct net_address plain = *a;
	const uint8_t *bytes;
	int family;

	(void)net_address_unmap(&plain);
	family = plain.any.sa_family;
	bytes = family == AF_INET6 ? plain.in6.sin6_addr.s6_addr : (const void *)&plain.in.sin_addr;
	for (size_t i = 0; (family == AF_INET || family == AF_INET6) && i < list->n; i++)
		if (matches(&list->items[i], family, bytes))
			return true;
	return false;
}
