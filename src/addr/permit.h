/* SPDX-License-Identifier: MIT */
#pragma once

/* Ranges of addresses: `1.2.3.0/24`, `1.2.3.0:255.255.255.0`, `[fe80::]/10`,
 * also with a host name in front. */

#include "net/address.h"

struct address_range {
	int family;
	uint8_t address[16], mask[16];
	size_t len; /* 4 or 16 */
};

/* 0; -EINVAL with a sentence: no mask, a mask out of range; or why the name was
 * not resolved.  May wait only when a name is given. */
int range_parse(const char *text, struct address_range *ret, struct err *err);

/* Only addresses of the same family can be inside. */
bool range_contains(const struct address_range *range, const struct net_address *a);
