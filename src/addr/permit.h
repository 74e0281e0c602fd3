/* SPDX-License-Identifier: MIT */
#pragma once

/* Ranges of addresses: `1.2.3.0/24`, `1.2.3.0:255.255.255.0`, `[fe80::]/10`,
 * also with a host name in front. */

#include "net/address.h"

enum { RANGE_MAX = sizeof(struct sockaddr_storage) - sizeof(sa_family_t) };

struct address_range {
	int family; /* AF_UNSPEC: any, the bytes behind it are compared */
	uint8_t address[RANGE_MAX], mask[RANGE_MAX];
	size_t len; /* 4 or 16; of binary ranges: as given */
};

/* family: what the range has to be of, AF_UNSPEC: either.  0; -EINVAL with a sentence: no
 * mask, a mask out of range; or why the name was not resolved.  May wait only when a name
 * is given. */
int range_parse(const char *text, int family, struct address_range *ret, struct err *err);

/* A range of binary addresses, without the family in front: <data>:<mask> in the
 * data language (dalan.h), both of the same length. */
int range_parse_binary(const char *text, struct address_range *ret, struct err *err);

/* Only addresses of the same family can be inside. */
bool range_contains(const struct address_range *range, const struct net_address *a);
