/* SPDX-License-Identifier: MIT */
/* One session of the pump that frees itself; see nc_couple.h. */

#include "tool/nc_couple.h"

#include "base/clock.h"
#include "relay/pump.h"
#include "task/child.h"

#include <stdlib.h>

enum {
	BLOCK = 64 * 1024,
	PROGRAM_ENDED_WAIT = 500 * CLOCK_US_PER_MS, /* for what its peer still says */
	HALF_CLOSED_WAIT = 60 * CLOCK_US_PER_S,	    /* of silence, between two peers */
};

struct couple {
	struct nc_couple_plan plan;
	struct pump_plan pump_plan;
	struct stream *side[2];
	struct pump pump;
	struct ear ear;
};

void nc_couple_stock(struct stock *ret)
{
	stock_init(ret, 2 * (size_t)BLOCK + 1);
}

static void couple_free(struct couple *c)
{
	ear_close(&c->ear);
	pump_done(&c->pump);
	(void)stream_free(c->side[0]);
	(void)stream_free(c->side[1]);
	free(c);
}

static void on_finished(struct pump *pump, int r, struct err *err)
{
	struct couple *c = pump->owner;
	struct nc_couple_plan plan = c->plan;

	(void)r; /* a peer that left: there is nobody to tell */
	(void)err;
	couple_free(c);
	plan.ended(plan.owner);
}

/* Some child has ended.  Nobody reads any more what goes to it. */
static void on_signal(struct ear *ear)
{
	struct couple *c = link_owner(ear, struct couple, ear);
	int status;

	if (c->side[1]->program > 0 && child_ended(c->side[1]->program, &status)) {
		c->pump_plan.closing_wait = PROGRAM_ENDED_WAIT;
		pump_look(&c->pump);
	}
}

static void make_plan(struct couple *c)
{
	static const struct settings plain = { .escape = -1 };

	c->pump_plan.closing_wait = c->side[1]->program > 0 ? -1 : HALF_CLOSED_WAIT;
	c->pump_plan.idle_limit = c->plan.idle_us ? c->plan.idle_us : -1;
	for (size_t i = 0; i < 2; i++)
		c->pump_plan.flow[i] = (struct flow_plan){
			.number = (int)i + 1,
			.wanted = true,
			.source = &plain,
			.block_size = BLOCK,
			.bulk_size = BLOCK,
		};
	if (c->plan.crlf)
		c->pump_plan.flow[1].to_newline = NEWLINE_CRNL;
}

int nc_couple_start(struct stream **left, struct stream **right, const struct nc_couple_plan *plan)
{
	static struct tap *const nobody[2] = { NULL, NULL };
	struct couple *c = new_object(struct couple);
	int r;

	c->plan = *plan;
	c->side[0] = take_ptr(*left);
	c->side[1] = take_ptr(*right);
	c->side[0]->cool_write = c->side[1]->cool_write = true;
	make_plan(c);
	pump_init(&c->pump, &c->pump_plan, plan->stock, c->side, nobody);
	c->pump.finished = on_finished;
	c->pump.owner = c;
	c->ear.hear = on_signal;
	ear_open(&c->ear);
	r = pump_start(&c->pump);
	if (r < 0)
		couple_free(c);
	else
		on_signal(&c->ear); /* the program may have been quick */
	return r;
}
