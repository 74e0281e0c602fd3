/* SPDX-License-Identifier: MIT */
/* magic (8) | seed (4) | flags (4) | request (8) | answer (8), in the order of this machine:
 * both ends are the same program. */

#include "hello.h"

#include <errno.h>
#include <string.h>

static const char magic[8] = "sockload";

void hello_put(const struct hello *hello, uint8_t out[HELLO_SIZE])
{
	memcpy(out, magic, 8);
	memcpy(out + 8, &hello->seed, 4);
	memcpy(out + 12, &hello->flags, 4);
	memcpy(out + 16, &hello->request, 8);
	memcpy(out + 24, &hello->answer, 8);
}

int hello_get(const uint8_t in[HELLO_SIZE], struct hello *ret)
{
	if (memcmp(in, magic, 8) != 0)
		return -EBADMSG;

	memcpy(&ret->seed, in + 8, 4);
	memcpy(&ret->flags, in + 12, 4);
	memcpy(&ret->request, in + 16, 8);
	memcpy(&ret->answer, in + 24, 8);
	return 0;
}
