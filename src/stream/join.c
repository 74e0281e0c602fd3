/* SPDX-License-Identifier: MIT */
/* Two streams as one: reading goes to the first, writing to the second.  This is
 * what a dual address (a!!b) is. */

#include "stream/stream.h"

static ssize_t joined_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n = stream_read(s->reading, buf, len);

	s->reread_at = s->reading->reread_at;
	s->read_wants_write = s->reading->read_wants_write;
	return n;
}

static ssize_t joined_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = stream_write(s->writing, buf, len);

	s->write_wants_read = s->writing->write_wants_read;
	return n;
}

static const struct stream_ops joined_ops = { joined_read, joined_write };

struct stream *stream_new_joined(struct stream *reading, struct stream *writing)
{
	struct stream *s = stream_new(reading ? reading->rfd : -1, writing ? writing->wfd : -1,
				      END_KEEP);

	s->ops = &joined_ops;
	s->reading = reading;
	s->writing = writing;
	s->program = reading ? reading->program : 0;
	s->cool_write = writing && writing->cool_write;
	return s;
}
