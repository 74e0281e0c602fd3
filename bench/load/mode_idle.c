/* SPDX-License-Identifier: MIT */
/* idle: opens many connections, each with one round, so that each is known to be relayed; says
 * so, and holds them.  When a line comes on stdin (or its end): one round on all, checked. */

#include "crowd.h"

#include <stdio.h>

enum { OPENINGS = 64 };

struct idle {
	struct crowd crowd;
	struct plan plan;
	size_t begun;
	size_t waiting; /* rounds that are on their way */
};

static void tell(struct talk *talk, enum talk_event event);

static void begin_next(struct idle *idle)
{
	if (idle->begun == idle->crowd.count)
		return;

	idle->waiting++;
	idle->begun++;
	crowd_begin(&idle->crowd, idle->begun - 1, &idle->plan, idle, tell);
}

static void tell(struct talk *talk, enum talk_event event)
{
	struct idle *idle = talk->owner;

	crowd_note(&idle->crowd, talk, event);
	if (event != TALK_ROUND && talk->rounds == talk->plan.rounds)
		return; /* it ended while it was idle: an error, but no round is missing */

	idle->waiting--;
	if (talk->rounds <= 1)
		begin_next(idle);
	idle->crowd.loop.stop = idle->waiting == 0;
}

static void report(struct idle *idle, const char *phase, int64_t begin)
{
	printf("{\"mode\": \"idle\", \"phase\": \"%s\", \"connections\": %zu, "
	       "\"seconds\": %.6f, ",
	       phase, idle->begun, (double)(now_ns() - begin) / 1e9);
	crowd_report(&idle->crowd);
	printf("}\n");
	(void)fflush(stdout);
}

int load_idle(const struct options *o)
{
	struct idle idle = { .plan = { .hello = { .seed = o->seed,
						  .flags = HELLO_CHECK,
						  .request = o->request,
						  .answer = o->answer },
				       .rounds = 1 } };
	int64_t begin = now_ns();
	size_t i;

	crowd_init(&idle.crowd, o);
	for (i = 0; i < OPENINGS; i++)
		begin_next(&idle);
	if (idle.waiting > 0)
		loop_run(&idle.crowd.loop);
	report(&idle, "open", begin);

	wait_for_line();
	begin = now_ns();
	for (i = 0; i < idle.crowd.count; i++) {
		if (!idle.crowd.talks[i].ended) {
			idle.waiting++;
			talk_more(&idle.crowd.talks[i]);
		}
	}
	if (idle.waiting > 0)
		loop_run(&idle.crowd.loop);
	report(&idle, "traffic", begin);
	crowd_done(&idle.crowd);
	return idle.crowd.errors > 0;
}
