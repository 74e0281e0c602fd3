/* SPDX-License-Identifier: MIT */
/* bulk: a few long streams, in one direction.  It is over when the other end has all of it and
 * says so, not when the last byte was written. */

#include "crowd.h"
#include "pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { RECEIPT = 16 };

struct bulk {
	struct crowd crowd;
	size_t left;
};

static void tell(struct talk *talk, enum talk_event event)
{
	struct bulk *bulk = talk->owner;

	crowd_note(&bulk->crowd, talk, event);
	talk_close(talk);
	bulk->left--;
	bulk->crowd.loop.stop = bulk->left == 0;
}

static struct hello bulk_hello(const struct options *o)
{
	uint64_t bytes = o->bytes / o->connections;

	return (struct hello){ .seed = o->seed,
			       .flags = o->check ? HELLO_CHECK : 0,
			       .request = o->down ? RECEIPT : bytes,
			       .answer = o->down ? bytes : RECEIPT };
}

int load_bulk(const struct options *o)
{
	struct plan plan = { .hello = bulk_hello(o), .rounds = 1 };
	struct bulk bulk = { .left = o->connections };
	int64_t begin, time;
	size_t i;

	crowd_init(&bulk.crowd, o);
	begin = now_ns();
	for (i = 0; i < o->connections; i++)
		crowd_begin(&bulk.crowd, i, &plan, &bulk, tell);
	if (bulk.left > 0)
		loop_run(&bulk.crowd.loop);
	time = now_ns() - begin;

	printf("{\"mode\": \"bulk\", \"streams\": %u, \"bytes\": %" PRIu64
	       ", \"seconds\": %.6f, \"mb_per_s\": %.1f, ",
	       o->connections, o->bytes, (double)time / 1e9, (double)o->bytes / (double)time * 1e3);
	crowd_report(&bulk.crowd);
	printf("}\n");
	crowd_done(&bulk.crowd);
	return bulk.crowd.errors > 0;
}

/* feed: the same stream on stdout, for relays that read a file or their stdin.  The server
 * prints a line when its end came. */
int load_feed(const struct options *o)
{
	struct hello hello = bulk_hello(o);
	uint8_t head[HELLO_SIZE];
	uint64_t done = 0;

	hello.request = o->bytes;
	hello.answer = 0;
	hello.flags |= HELLO_REPORT;
	hello_put(&hello, head);
	if (write(STDOUT_FILENO, head, sizeof(head)) != sizeof(head))
		fail("feed: cannot write");

	while (done < o->bytes) {
		size_t n = (size_t)MIN(o->bytes - done, (uint64_t)PATTERN_RUN);
		ssize_t r = write(STDOUT_FILENO, pattern_at(hello.seed, done), n);

		if (r < 0)
			fail("feed: cannot write");
		done += (uint64_t)r;
	}
	return 0;
}
