/* SPDX-License-Identifier: MIT */
/* The layer that only looks; see nc_meter.h. */

#include "tool/nc_meter.h"

#include <stdlib.h>

struct meter {
	void (*passed)(void *context, enum nc_way way, const void *data, size_t len);
	void *context;
};

static void tell(const struct stream *s, enum nc_way way, const void *data, ssize_t n)
{
	const struct meter *meter = s->state;

	if (n > 0)
		meter->passed(meter->context, way, data, (size_t)n);
}

static ssize_t meter_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n = stream_read(s->below, buf, len);

	s->reread_at = s->below->reread_at;
	tell(s, NC_RECEIVED, buf, n);
	return n;
}

static ssize_t meter_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = stream_write(s->below, buf, len);

	tell(s, NC_SENT, buf, n);
	return n;
}

static int meter_shut(struct stream *s)
{
	return stream_shut(s->below);
}

static bool meter_pending(const struct stream *s)
{
	return stream_has_unread(s->below);
}

static void meter_done(struct stream *s)
{
	free(s->state);
}

static const struct stream_ops ops = {
	.read = meter_read,
	.write = meter_write,
	.shut = meter_shut,
	.pending = meter_pending,
	.done = meter_done,
};

struct stream *nc_meter_new(struct stream *below,
			    void (*passed)(void *context, enum nc_way way, const void *data,
					   size_t len),
			    void *context)
{
	struct stream *s = stream_new(below->rfd, below->wfd, END_KEEP);
	struct meter *meter = new_object(struct meter);

	*meter = (struct meter){ passed, context };
	s->ops = &ops;
	s->state = meter;
	s->below = below;
	s->shut = SHUT_OWN;
	s->packets = below->packets;
	return s;
}
