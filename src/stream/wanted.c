/* SPDX-License-Identifier: MIT */
/* Packets that are wanted; see wanted.h. */

#include "stream/wanted.h"

#include "base/clock.h"

#include <errno.h>

ssize_t read_wanted(struct stream *s, void *buf, size_t len, read_one *read)
{
	bool again = true;
	ssize_t n = 0;

	s->reread_at = 0;
	for (int i = 0; i < UNWANTED_MAX && again; i++)
		n = read(s, buf, len, &again);
	if (!again)
		return n;
	s->reread_at = clock_now();
	return -EAGAIN;
}
