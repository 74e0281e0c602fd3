/* SPDX-License-Identifier: MIT */
/* Dumps are harmless on a terminal whatever the data; names of raw files expand
 * without end only as far as they are long.  The first byte chooses the form. */

#include "relay/tap.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAME_MAX_LEN = 512 };

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void check_dump(const struct tap *tap, const char *data, size_t len)
{
	static const struct timespec time = { .tv_sec = 1795354191, .tv_nsec = 999999999 };
	auto_buf out = { 0 };

	tap_format(tap, &time, data, len, &out);
	check(out.len > 0 && !out.full && out.data[0] == '>');
	for (size_t i = 0; i < out.len; i++) {
		unsigned char c = (unsigned char)out.data[i];

		check((c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t');
	}
	if (tap->hex) /* every byte is there as " xx" */
		check(out.len >= 3 * len && strchr(buf_text(&out), '\n'));
}

static void check_name(const char *data, size_t len)
{
	static const struct timespec time = { .tv_sec = 1795354191 };
	auto_free char *expanded = NULL;
	struct env env = { 0 };
	char name[NAME_MAX_LEN];

	if (len >= sizeof(name))
		return;
	memcpy(name, data, len);
	name[len] = '\0';
	env_set(&env, "SOCAT_", "PEERADDR", "192.0.2.1");
	expanded = tap_expand_name(name, "socat", &env, &time);
	check(expanded);
	if (!strchr(name, '$'))
		check(strcmp(expanded, name) == 0);
	env_done(&env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tap tap = { .direction = '>' };

	if (size < 2)
		return 0;
	tap.text = data[0] % 3 != 1;
	tap.hex = data[0] % 3 != 0;
	tap.offset = data[0];
	check_dump(&tap, (const char *)data + 1, size - 1);
	check_name((const char *)data + 1, size - 1);
	return 0;
}
