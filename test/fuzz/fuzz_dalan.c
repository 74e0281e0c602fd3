/* SPDX-License-Identifier: MIT */
/* The data language: never a byte past the room, and the same bytes whatever the
 * room, or -E2BIG. */

#include "opt/dalan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4096, ROOM = 256 };

/* Exactly so much room, on the heap, where ASan looks. */
static int parse(const char *text, size_t room, uint8_t **ret, size_t *ret_len)
{
	struct err err = { 0 };
	int r;

	*ret = mem_new(1, room ? room : 1);
	r = dalan_parse(text, *ret, room, ret_len, &err);
	if (r < 0 && (!*err.text || (r != -EINVAL && r != -E2BIG)))
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free uint8_t *large = NULL;
	auto_free uint8_t *exact = NULL;
	auto_free uint8_t *small = NULL;
	size_t len = 0, again = 0;
	char text[TEXT_MAX];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';

	if (parse(text, ROOM, &large, &len) < 0)
		return 0;
	if (len > ROOM)
		abort();
	if (parse(text, len, &exact, &again) < 0 || again != len || memcmp(large, exact, len) != 0)
		abort();
	if (len && parse(text, len - 1, &small, &again) != -E2BIG)
		abort();
	return 0;
}
