/* SPDX-License-Identifier: MIT */
/* Words of the OPENSSL options: what is accepted keeps its bounds, and a name of a
 * certificate never means a host with two labels more. */

#include "addr/openssl_text.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pins(const char *text)
{
	struct openssl_pins pins;

	if (openssl_pins_parse(text, &pins) == 0 && (!pins.n || pins.n > OPENSSL_PINS_MAX))
		abort();
}

/* The lengths lead exactly to the end. */
static void check_alpn(const char *text)
{
	uint8_t list[OPENSSL_ALPN_MAX];
	int len = openssl_alpn_parse(text, list), at = 0;

	if (len < 0)
		return;
	while (at < len) {
		if (!list[at])
			abort();
		at += 1 + list[at];
	}
	if (at != len || (size_t)len != strlen(text) + 1)
		abort();
}

static void check_name(const char *pattern, size_t len, const char *host)
{
	auto_free char *deeper = str_format("a.b.%s", host);

	if (!openssl_name_matches(pattern, len, host))
		return;
	if (openssl_name_matches(pattern, len, deeper))
		abort();
	if (pattern[0] != '*' && strlen(host) != len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = str_copy_n((const char *)data, size);
	const char *line = memchr(data, '\n', size);
	size_t len = line ? (size_t)(line - (const char *)data) : 0;

	check_pins(text);
	check_alpn(text);
	if (openssl_version_parse(text) > UINT16_MAX)
		abort();
	if (line) {
		auto_free char *host = str_copy_n(line + 1, size - len - 1);

		check_name((const char *)data, len, host);
	}
	return 0;
}
