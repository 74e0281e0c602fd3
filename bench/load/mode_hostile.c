/* SPDX-License-Identifier: MIT */
/* hostile: clients that hold a connection and do not do what it is for, until stdin has a line
 * or ends.  Other clients are measured meanwhile, by another process. */

#include "crowd.h"
#include "pattern.h"
#include "base/str.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { TICK_MS = 10, PER_TICK = 64 };

static const uint64_t BIG = 64 << 20;
static const int64_t FOREVER = INT64_MAX / 2;

struct hostile {
	struct crowd crowd;
	void (*plan)(struct hostile *hostile, struct plan *plan);
	uint64_t random;
	size_t begun;
	size_t lost; /* ended by the other side */
	uint64_t resets;
};

/* Connects and says nothing. */
static void plan_silent(struct hostile *h, struct plan *plan)
{
	(void)h;
	plan->silent = true;
}

/* Half of the first message. */
static void plan_partial(struct hostile *h, struct plan *plan)
{
	(void)h;
	plan->piece = HELLO_SIZE / 2;
	plan->pause_ns = FOREVER;
}

/* One byte at a time. */
static void plan_trickle(struct hostile *h, struct plan *plan)
{
	(void)h;
	plan->hello.request = BIG;
	plan->piece = 1;
	plan->pause_ns = 100 * NS_PER_MS;
}

/* Asks for much and does not read it. */
static void plan_stall(struct hostile *h, struct plan *plan)
{
	(void)h;
	plan->hello.answer = BIG;
	plan->stall_at = 1;
	plan->pause_ns = FOREVER;
}

/* Resets somewhere, and comes again. */
static void plan_reset(struct hostile *h, struct plan *plan)
{
	plan->hello.request = plan->hello.answer = 20000;
	if (pattern_random(&h->random, 2))
		plan->reset_sent = 1 + pattern_random(&h->random, 20000);
	else
		plan->reset_received = 1 + pattern_random(&h->random, 20000);
}

static const struct {
	const char *name;
	void (*plan)(struct hostile *hostile, struct plan *plan);
} kinds[] = {
	{ "silent", plan_silent }, { "partial", plan_partial }, { "trickle", plan_trickle },
	{ "stall", plan_stall },   { "reset", plan_reset },
};

static void tell(struct talk *talk, enum talk_event event)
{
	struct hostile *h = talk->owner;

	crowd_note(&h->crowd, talk, event);
	h->resets += event == TALK_RESET;
	h->lost += event == TALK_CUT || event == TALK_WRONG;
}

static void begin_one(struct hostile *h, size_t place)
{
	struct plan plan = { .hello = { .seed = 1, .request = 1, .answer = 1 }, .rounds = 1 };

	h->plan(h, &plan);
	crowd_begin(&h->crowd, place, &plan, h, tell);
}

static bool stdin_speaks(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&in, 1, 0) > 0;
}

static void report(struct hostile *h, const char *phase)
{
	printf("{\"mode\": \"hostile\", \"phase\": \"%s\", \"connections\": %zu, "
	       "\"lost\": %zu, \"resets\": %" PRIu64 ", ",
	       phase, h->begun, h->lost, h->resets);
	crowd_report(&h->crowd);
	printf("}\n");
	(void)fflush(stdout);
}

/* New ones, a few at a time, and those again that have reset. */
static void advance(void *owner)
{
	struct hostile *h = owner;
	size_t i, left = PER_TICK;

	for (i = 0; i < h->begun && left > 0; i++) {
		if (h->crowd.talks[i].ended && h->plan == plan_reset) {
			begin_one(h, i);
			left--;
		}
	}

	if (h->begun < h->crowd.count) {
		for (; h->begun < h->crowd.count && left > 0; left--)
			begin_one(h, h->begun++);
		if (h->begun == h->crowd.count)
			report(h, "open");
	}
	h->crowd.loop.stop = stdin_speaks();
}

int load_hostile(const struct options *o)
{
	struct hostile h = { .random = o->seed };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (o->kind && str_equal(kinds[i].name, o->kind))
			h.plan = kinds[i].plan;
	if (!h.plan)
		fail("--kind: silent, partial, trickle, stall or reset");

	crowd_init(&h.crowd, o);
	crowd_tick_every(&h.crowd, TICK_MS, advance, &h);
	loop_run(&h.crowd.loop);
	report(&h, "end");
	crowd_done(&h.crowd);
	return 0;
}
