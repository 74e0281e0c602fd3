/* SPDX-License-Identifier: MIT */
#pragma once

/* A world with few names, for tests of the filter language and its fuzz harness. */

#include "base/str.h"
#include "filter/filter.h"

#include <errno.h>
#include <string.h>

static inline int known_number(void *context, enum filter_name kind, const char *name,
			       uint64_t *ret, struct err *err)
{
	static const struct {
		enum filter_name kind;
		const char *name;
		uint64_t number;
	} known[] = {
		{ FILTER_NAME_TCP_SERVICE, "ssh", 22 },	  { FILTER_NAME_TCP_SERVICE, "both", 7 },
		{ FILTER_NAME_UDP_SERVICE, "both", 8 },	  { FILTER_NAME_UDP_SERVICE, "ntp", 123 },
		{ FILTER_NAME_DEVICE, "lo", 1 },	  { FILTER_NAME_ETHERNET, "arp", 0x806 },
		{ FILTER_NAME_NETLINK, "uevent", 15 },	  { FILTER_NAME_CGROUP, "/a", 77 },
	};

	(void)context;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].kind != kind || !str_equal(known[i].name, name))
			continue;
		*ret = known[i].number;
		return 0;
	}
	if (kind == FILTER_NAME_CGROUP)
		return err_set(err, -ENOENT, "Failed to get cgroup2 ID: no");
	return -ENOENT;
}

static inline size_t known_addresses(void *context, const char *host, int family,
				     struct filter_prefix *ret, size_t room)
{
	(void)context;
	(void)room;
	if (!str_equal(host, "two") || family != AF_INET)
		return 0;
	ret[0] = (struct filter_prefix){ AF_INET, 32, { 10, 0, 0, 1 } };
	ret[1] = (struct filter_prefix){ AF_INET, 32, { 10, 0, 0, 2 } };
	return 2;
}

static inline int parse_known(const char *text, int preferred, struct filter *ret, struct err *err)
{
	const struct filter_context context = {
		.number = known_number,
		.addresses = known_addresses,
		.preferred = preferred,
		.tables = TABLE_BIT(DIAG_TCP) | TABLE_BIT(DIAG_UDP),
		.range_low = 32768,
		.range_high = 60999,
	};

	return filter_parse(text, &context, ret, err);
}
