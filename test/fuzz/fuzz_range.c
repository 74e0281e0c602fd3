/* SPDX-License-Identifier: MIT */
/* Networks: what is accepted contains its own address, and masks by number are
 * ones, then zeros.  The same text as a binary range. */

#include "addr/permit.h"
#include "numeric_range.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 256 };

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void check_own_address(const struct address_range *range)
{
	struct net_address a = { 0 };

	check(range->len == (range->family == AF_INET ? 4 : 16));
	a.any.sa_family = (sa_family_t)range->family;
	if (range->family == AF_INET) {
		a.len = sizeof(a.in);
		memcpy(&a.in.sin_addr, range->address, range->len);
	} else {
		check(range->family == AF_INET6);
		a.len = sizeof(a.in6);
		memcpy(&a.in6.sin6_addr, range->address, range->len);
	}
	check(range_contains(range, &a));
}

static void check_mask(const struct address_range *range)
{
	bool zero = false;

	for (size_t i = 0; i < 8 * sizeof(range->mask); i++) {
		bool bit = range->mask[i / 8] >> (7 - i % 8) & 1;

		check(!(zero && bit));
		zero |= !bit;
		check(!bit || i < 8 * range->len);
	}
}

static void check_binary(const char *text)
{
	struct address_range range;
	struct net_address a = { 0 };
	struct err err = { 0 };

	if (range_parse_binary(text, &range, &err) < 0) {
		check(*err.text);
		return;
	}
	a.len = (socklen_t)(sizeof(sa_family_t) + range.len);
	check(a.len <= sizeof(a.storage));
	memcpy((uint8_t *)&a.storage + sizeof(sa_family_t), range.address, range.len);
	check(range_contains(&range, &a));
	if (!range.len)
		return;
	a.len--;
	check(!range_contains(&range, &a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address_range range;
	struct err err = { 0 };
	char text[TEXT_MAX];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	check_binary(text);
	if (!is_numeric_range(text))
		return 0;

	if (range_parse(text, AF_UNSPEC, &range, &err) < 0) {
		check(*err.text);
		return 0;
	}
	check_own_address(&range);
	if (strchr(text, '/'))
		check_mask(&range);
	return 0;
}
