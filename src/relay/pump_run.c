/* SPDX-License-Identifier: MIT */
/* One pump, for whose end somebody waits: the loop is turned for it; see pump.h. */

#include "relay/pump.h"

#include "base/clock.h"
#include "task/signals.h"

#include <errno.h>

/* One who waits for the end of one pump. */
struct run {
	struct pump *pump;
	struct ear ear;
	void (*signalled)(struct pump *p, void *context);
	void *context;
	struct err *err;
	bool over;
	int result;
};

static void on_finished(struct pump *p, int r, struct err *err)
{
	struct run *run = p->owner;

	run->over = true;
	run->result = r;
	if (r < 0)
		*run->err = *err;
}

static void on_signal(struct ear *ear)
{
	struct run *run = link_owner(ear, struct run, ear);

	if (run->over)
		return;
	if (run->signalled)
		run->signalled(run->pump, run->context);
	pump_look(run->pump);
}

static int turn_until_over(struct run *run)
{
	int r = pump_start(run->pump);

	if (r < 0)
		return err_set(run->err, r, "epoll_ctl(): %s", err_reason(r));
	while (r >= 0 && !run->over && !signals_ending())
		r = loop_turn(CLOCK_NEVER);
	if (run->over)
		return run->result;
	pump_stop(run->pump);
	return r < 0 ? err_set(run->err, r, "epoll_wait(): %s", err_reason(r)) : -ECANCELED;
}

int pump_run(struct pump *p, void (*signalled)(struct pump *p, void *context), void *context,
	     struct err *err)
{
	struct run run = {
		.pump = p,
		.ear = { .hear = on_signal },
		.signalled = signalled,
		.context = context,
		.err = err,
	};
	int r = loop_open();

	if (r < 0)
		return err_set(err, r, "epoll_create1(): %s", err_reason(r));
	p->owner = &run;
	p->finished = on_finished;
	ear_open(&run.ear);
	r = turn_until_over(&run);
	ear_close(&run.ear);
	loop_close();
	return r;
}
