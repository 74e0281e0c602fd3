/* SPDX-License-Identifier: MIT */
/* ask: questions and answers on connections that stay.  connect: each on a connection of its
 * own.  Both for some seconds, in which a fixed number of them is busy all the time. */

#include "crowd.h"
#include "samples.h"

#include <inttypes.h>
#include <stdio.h>

struct rounds {
	struct crowd crowd;
	struct samples samples;
	struct plan plan;
	int64_t length;
	int64_t begin; /* 0: not all are warm */
	int64_t end;
	size_t cold;
	size_t left; /* connections that still do something */
};

static void leave(struct rounds *r, struct talk *talk)
{
	talk_leave(talk);
	r->left--;
	r->crowd.loop.stop = r->left == 0;
}

/* The first round of each connection contains its opening; time begins after the last of them. */
static void warm(struct rounds *r)
{
	r->cold--;
	if (r->cold > 0)
		return;

	r->begin = now_ns();
	r->end = r->begin + r->length;
}

static void tell_ask(struct talk *talk, enum talk_event event)
{
	struct rounds *r = talk->owner;
	int64_t now = now_ns();

	if (event != TALK_ROUND) {
		crowd_note(&r->crowd, talk, event);
		if (talk->rounds == 0)
			warm(r);
		return leave(r, talk);
	}

	if (talk->rounds == 1)
		warm(r);
	else if (r->begin && now <= r->end)
		samples_add(&r->samples, now - talk->round_begin);

	if (r->begin && now > r->end)
		return leave(r, talk);
	talk_more(talk);
}

static void report(struct rounds *r, const char *mode, const struct options *o)
{
	double seconds = (double)r->length / 1e9;
	size_t count = r->samples.count;

	printf("{\"mode\": \"%s\", \"connections\": %u, \"request\": %" PRIu64
	       ", \"answer\": %" PRIu64 ", \"seconds\": %.3f, \"rounds\": %zu, "
	       "\"per_s\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, ",
	       mode, o->connections, o->request, o->answer, seconds, count, (double)count / seconds,
	       samples_percentile(&r->samples, 50), samples_percentile(&r->samples, 99),
	       samples_percentile(&r->samples, 100));
	crowd_report(&r->crowd);
	printf("}\n");
}

static void rounds_init(struct rounds *r, const struct options *o)
{
	*r = (struct rounds){ .length = o->seconds_ns,
			      .cold = o->connections,
			      .left = o->connections };
	r->plan = (struct plan){ .hello = { .seed = o->seed,
					    .flags = o->check ? HELLO_CHECK : 0,
					    .request = o->request,
					    .answer = o->answer },
				 .rounds = 1 };
	crowd_init(&r->crowd, o);
}

static int rounds_done(struct rounds *r)
{
	samples_done(&r->samples);
	crowd_done(&r->crowd);
	return r->crowd.errors > 0;
}

int load_ask(const struct options *o)
{
	struct rounds r;
	size_t i;

	rounds_init(&r, o);
	for (i = 0; i < o->connections; i++)
		crowd_begin(&r.crowd, i, &r.plan, &r, tell_ask);
	if (r.left > 0)
		loop_run(&r.crowd.loop);
	report(&r, "ask", o);
	return rounds_done(&r);
}

/* The next connection of a place in the crowd.  An attempt that fails at once is not repeated. */
static void tell_connect(struct talk *talk, enum talk_event event)
{
	struct rounds *r = talk->owner;
	int64_t now = now_ns();

	crowd_note(&r->crowd, talk, event);
	if (event == TALK_ROUND && now <= r->end)
		samples_add(&r->samples, now - talk->round_begin);
	if (event != TALK_ROUND || now > r->end)
		return leave(r, talk);

	talk_leave(talk);
	r->plan.hello.seed++;
	crowd_begin(&r->crowd, (size_t)(talk - r->crowd.talks), &r->plan, r, tell_connect);
}

int load_connect(const struct options *o)
{
	struct rounds r;
	size_t i;

	rounds_init(&r, o);
	r.end = now_ns() + r.length;
	for (i = 0; i < o->connections; i++)
		crowd_begin(&r.crowd, i, &r.plan, &r, tell_connect);
	if (r.left > 0)
		loop_run(&r.crowd.loop);
	report(&r, "connect", o);
	return rounds_done(&r);
}
