/* SPDX-License-Identifier: MIT */
/*
 * soak: sessions of all kinds, chosen by the seed: rounds, both directions at once, either side
 * ending first, stalled readers, writers of few bytes, resets at any place.  Each byte that
 * arrives is compared at both ends; each session that was not to be reset must end complete.
 */

#include "crowd.h"
#include "pattern.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	TICK_MS = 2,
	SMALL = 300, /* bytes, for those who write few at once */
	MEDIUM = 100000,
	LARGE = 2000000,
	STALL_MS = 300,
};

struct soak {
	struct crowd crowd;
	uint64_t random;
	uint32_t sessions; /* still to begin */
	size_t active;
	uint64_t finished;
	uint64_t resets;
	uint64_t sent;
	uint64_t received;
};

static uint64_t below(struct soak *s, uint64_t limit)
{
	return pattern_random(&s->random, limit);
}

static void plan_rounds(struct soak *s, struct plan *plan)
{
	plan->rounds = 1 + below(s, 6);
	plan->hello.request = 1 + below(s, MEDIUM);
	plan->hello.answer = 1 + below(s, MEDIUM);
}

static void plan_duplex(struct soak *s, struct plan *plan)
{
	plan->hello.flags |= HELLO_DUPLEX | (below(s, 2) ? HELLO_CLOSE_FIRST : 0);
	plan->hello.request = 1 + below(s, LARGE);
	plan->hello.answer = 1 + below(s, LARGE);
}

static void plan_stall(struct soak *s, struct plan *plan)
{
	plan_duplex(s, plan);
	plan->stall_at = 1 + below(s, plan->hello.answer);
	plan->pause_ns = (int64_t)below(s, STALL_MS) * NS_PER_MS;
}

static void plan_trickle(struct soak *s, struct plan *plan)
{
	plan->hello.request = 1 + below(s, SMALL);
	plan->hello.answer = 1 + below(s, MEDIUM);
	plan->piece = 1 + below(s, 7);
	plan->pause_ns = NS_PER_MS;
}

static struct plan random_plan(struct soak *s)
{
	static void (*const kinds[])(struct soak *, struct plan *) = { plan_rounds, plan_duplex,
								       plan_stall, plan_trickle };
	struct plan plan = { .hello = { .seed = (uint32_t)below(s, UINT32_MAX),
					.flags = HELLO_CHECK },
			     .rounds = 1,
			     .half_close = true };

	kinds[below(s, ARRAY_SIZE(kinds))](s, &plan);
	switch (below(s, 8)) {
	case 0:
		plan.reset_sent = 1 + below(s, HELLO_SIZE + plan.rounds * plan.hello.request);
		break;
	case 1:
		plan.reset_received = 1 + below(s, plan.rounds * plan.hello.answer);
		break;
	default:
		break;
	}
	return plan;
}

static void tell(struct talk *talk, enum talk_event event);

static void begin_one(struct soak *s, size_t place)
{
	struct plan plan = random_plan(s);

	s->sessions--;
	s->active++;
	crowd_begin(&s->crowd, place, &plan, s, tell);
}

static void tell(struct talk *talk, enum talk_event event)
{
	struct soak *s = talk->owner;

	if (event == TALK_ROUND)
		return;

	crowd_note(&s->crowd, talk, event);
	s->finished += event == TALK_DONE;
	s->resets += event == TALK_RESET;
	s->sent += talk->sent;
	s->received += talk->received;
	s->active--;
	s->crowd.loop.stop = s->active == 0 && s->sessions == 0;
}

/* Places of sessions that have ended are taken in the tick, not inside their own events. */
static void fill(void *owner)
{
	struct soak *s = owner;
	size_t i;

	for (i = 0; i < s->crowd.count && s->sessions > 0; i++)
		if (s->crowd.talks[i].ended || !s->crowd.talks[i].tell)
			begin_one(s, i);
}

int load_soak(const struct options *o)
{
	struct soak s = { .random = o->seed, .sessions = o->sessions };
	int64_t begin = now_ns();

	crowd_init(&s.crowd, o);
	crowd_tick_every(&s.crowd, TICK_MS, fill, &s);
	loop_run(&s.crowd.loop);

	printf("{\"mode\": \"soak\", \"sessions\": %u, \"seconds\": %.3f, \"finished\": %" PRIu64
	       ", \"resets\": %" PRIu64 ", \"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", ",
	       o->sessions, (double)(now_ns() - begin) / 1e9, s.finished, s.resets, s.sent,
	       s.received);
	crowd_report(&s.crowd);
	printf("}\n");
	crowd_done(&s.crowd);
	return s.crowd.errors > 0;
}
