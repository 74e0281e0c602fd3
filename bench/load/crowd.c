/* SPDX-License-Identifier: MIT */
/* Many talks. */

#include "crowd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void crowd_init(struct crowd *crowd, const struct options *o)
{
	size_t count = o->connections;

	memset(crowd, 0, sizeof(*crowd));
	if (!o->target)
		fail("no target");

	if (!files_allow(count))
		fail("%zu connections are more than the open-file limit permits", count);

	crowd->target = target_parse(o->target);
	crowd->talks = mem_new(count, sizeof(*crowd->talks));
	crowd->count = count;
	if (o->tls)
		crowd->secure = secure_client_new(o->resume);
	loop_init(&crowd->loop);
}

void crowd_done(struct crowd *crowd)
{
	size_t i;

	for (i = 0; i < crowd->count; i++)
		if (crowd->talks[i].tell)
			talk_close(&crowd->talks[i]);

	secure_client_free(crowd->secure);
	loop_done(&crowd->loop);
	free(crowd->talks);
}

void crowd_begin(struct crowd *crowd, size_t i, const struct plan *plan, void *owner,
		 void (*tell)(struct talk *, enum talk_event))
{
	struct talk *talk = &crowd->talks[i];

	memset(talk, 0, sizeof(*talk));
	talk->plan = *plan;
	talk->plan.hello.seed += (uint32_t)i;
	talk->owner = owner;
	talk->tell = tell;
	talk_begin(talk, &crowd->loop, &crowd->target, crowd->secure);
}

void crowd_note(struct crowd *crowd, const struct talk *talk, enum talk_event event)
{
	if (event != TALK_CUT && event != TALK_WRONG)
		return;

	if (crowd->errors++ > 0)
		return;

	(void)snprintf(crowd->first_error, sizeof(crowd->first_error),
		       "talk %td after %" PRIu64 " bytes sent, %" PRIu64 " received: %s",
		       talk - crowd->talks, talk->sent, talk->received,
		       event == TALK_WRONG ? "wrong bytes"
		       : talk->error	   ? err_reason(talk->error)
					   : "an early end");
}

static void tick(void *arg)
{
	struct crowd *crowd = arg;
	int64_t now = now_ns();
	size_t i;

	for (i = 0; i < crowd->count; i++)
		if (crowd->talks[i].tell)
			talk_tick(&crowd->talks[i], now);

	if (crowd->more)
		crowd->more(crowd->owner);
}

void crowd_tick_every(struct crowd *crowd, int64_t ms, void (*more)(void *owner), void *owner)
{
	crowd->more = more;
	crowd->owner = owner;
	crowd->loop.tick_ns = ms * NS_PER_MS;
	crowd->loop.tick = tick;
	crowd->loop.arg = crowd;
}

void crowd_report(const struct crowd *crowd)
{
	if (crowd->secure)
		printf("\"resumed\": %" PRIu64 ", ", secure_resumed(crowd->secure));
	printf("\"errors\": %" PRIu64, crowd->errors);
	if (crowd->errors)
		printf(", \"first_error\": \"%s\"", crowd->first_error);
}
