/* SPDX-License-Identifier: MIT */
#pragma once

/* Would range_parse() look a name up?  Fuzzers stay off the network. */

#include "base/str.h"
#include "net/address.h"

#include <string.h>

static inline bool is_numeric_range(const char *text)
{
	const char *after = *text == '[' ? strchr(text, ']') : text;
	const char *split = after ? strpbrk(after, "/:") : NULL;
	auto_free char *host = NULL;
	struct net_address a;

	if (!split || split == text)
		return true; /* refused before that */
	host = str_copy_n(text, (size_t)(split - text));
	return net_address_parse(host, AF_UNSPEC, 0, &a) == 0;
}
