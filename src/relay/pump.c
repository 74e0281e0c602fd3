/* SPDX-License-Identifier: MIT */
/*
 * The pump: one poll(2) for both directions.
 *
 * Each round moves what can be moved, left to right first, then handles ends,
 * then waits.  A direction is polled only for what is not yet known: for input
 * while nothing waits to be written, for output until the destination is known
 * to take data.  So a slow reader stops its own direction and nothing else, and
 * no descriptor that is ready for nothing useful makes the loop spin.
 *
 * After the first end the other direction may go on, for closing_wait of
 * silence; ignoreeof reads again once a second, without counting as activity.
 */

#include "relay/pump.h"

#include "base/clock.h"
#include "base/log.h"
#include "task/child.h"
#include "task/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

enum { SIGNALS = 4, SLOTS = 5 }; /* two descriptors per direction, one for signals */

static bool is_over(const struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		if (p->runs[i] && p->flow[i].state != FLOW_SHUT)
			return false;
	return true;
}

static bool is_closing(const struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		if (p->runs[i] && p->flow[i].state == FLOW_SHUT)
			return true;
	return false;
}

/* The ends that no read tells.  The descriptor was closed by shut-close.  Or the
 * program behind a source is dead and has left nothing: that is its end, even
 * when a grandchild keeps the channel open. */
static void check_source(struct flow *flow)
{
	struct pollfd p = { .fd = flow->from->rfd, .events = POLLIN };
	int status;

	if (flow->state == FLOW_OPEN && flow->from->rfd < 0)
		return flow_end(flow);
	if (flow->state != FLOW_OPEN || flow->from->program <= 0 ||
	    !child_ended(flow->from->program, &status) || flow->readable || poll(&p, 1, 0) > 0)
		return;
	log_info("terminated child did not leave data for us");
	flow_end(flow);
}

/* Ends, after data of both directions: what is ready now still passes.  The end
 * of the second may have closed the source of the first, so that one is asked
 * again. */
static int handle_ends(struct pump *p, struct err *err)
{
	static const size_t order[] = { 0, 1, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(order); i++) {
		struct flow *flow = &p->flow[order[i]];

		if (!p->runs[order[i]])
			continue;
		check_source(flow);
		r = flow_settle(flow, err);
	}
	return r;
}

/* One direction has ended: from now on the end of the other counts too, and what came
 * while ignoreeof paused is asked for at once. */
static void insist_on_end(struct pump *p)
{
	for (size_t i = 0; i < 2; i++) {
		if (p->flow[i].insist)
			continue;
		p->flow[i].insist = true;
		p->flow[i].pause_until = 0;
	}
}

/* Moves all that can be moved now.  1: something was. */
static int move_all(struct pump *p, bool *ret_over, struct err *err)
{
	bool any = false;
	int r;

	for (size_t i = 0; i < 2 && !*ret_over; i++) {
		if (!p->runs[i])
			continue;
		r = flow_move(&p->flow[i], ret_over, err);
		if (r < 0)
			return r;
		any |= r > 0;
	}
	r = *ret_over ? 0 : handle_ends(p, err);
	if (is_closing(p))
		insist_on_end(p);
	return r < 0 ? r : any;
}

static bool wants_input(const struct flow *flow, int64_t now)
{
	return flow->state == FLOW_OPEN && !flow->readable && !flow_has_data(flow) &&
	       flow->pause_until <= now;
}

static bool wants_output(const struct flow *flow)
{
	return flow->state != FLOW_SHUT && !flow->writable;
}

static void fill_set(const struct pump *p, struct pollfd *set, int64_t now)
{
	static const struct pollfd nothing = { .fd = -1 };

	for (size_t i = 0; i < 2; i++) {
		const struct flow *flow = &p->flow[i];
		bool in = p->runs[i] && wants_input(flow, now);
		bool out = p->runs[i] && wants_output(flow);

		set[2 * i] = in ? stream_poll_read(flow->from) : nothing;
		set[2 * i + 1] = out ? stream_poll_write(flow->to) : nothing;
	}
	set[SIGNALS] = (struct pollfd){ .fd = signals_fd(), .events = POLLIN };
}

/* Whatever poll reports, errors too, is found out by the next read or write. */
static void read_set(struct pump *p, const struct pollfd *set)
{
	for (size_t i = 0; i < 2; i++) {
		if (set[2 * i].revents)
			p->flow[i].readable = true;
		if (set[2 * i + 1].revents)
			p->flow[i].writable = true;
	}
}

/* Data that was put back is readable without asking the kernel. */
static bool take_unread(struct pump *p)
{
	bool any = false;

	for (size_t i = 0; i < 2; i++) {
		struct flow *flow = &p->flow[i];

		if (p->runs[i] && flow->state == FLOW_OPEN && !flow->readable &&
		    stream_has_unread(flow->from)) {
			flow->readable = true;
			any |= flow->writable;
		}
	}
	return any;
}

/* When silence ends the transfer. */
static int64_t silence_end(const struct pump *p, int64_t last)
{
	int64_t wait = is_closing(p) ? p->closing_wait : p->idle_limit;

	if (wait < 0 || wait > INT64_MAX - last)
		return CLOCK_NEVER;
	return last + wait;
}

static int64_t next_reread(const struct pump *p)
{
	int64_t next = CLOCK_NEVER;

	for (size_t i = 0; i < 2; i++)
		if (p->runs[i] && p->flow[i].state == FLOW_OPEN && p->flow[i].pause_until)
			next = MIN(next, p->flow[i].pause_until);
	return next;
}

/* One wait.  1: go on; 0: silence has lasted long enough; -ECANCELED. */
static int wait_for_news(struct pump *p, int64_t last)
{
	int64_t end = silence_end(p, last), now = clock_now();
	struct pollfd set[SLOTS];
	int64_t reread = next_reread(p);
	int n;

	fill_set(p, set, now);
	if (reread <= now)
		reread = CLOCK_NEVER; /* it is in the set */
	n = poll(set, SLOTS, clock_poll_timeout(MIN(end, reread)));
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n > 0)
		read_set(p, set);
	if (n > 0 && set[SIGNALS].revents)
		signals_collect();
	if (signals_ending())
		return -ECANCELED;
	if (signals_take(SIGUSR1) && p->counts)
		p->counts(p, p->context);
	return n != 0 || clock_now() < end;
}

static void log_silence(const struct pump *p)
{
	if (is_closing(p))
		log_info("poll timed out (no data within %lld.%06lld seconds)",
			 (long long)(p->closing_wait / CLOCK_US_PER_S),
			 (long long)(p->closing_wait % CLOCK_US_PER_S));
	else
		log_notice("inactivity timeout triggered");
}

int pump_run(struct pump *p, struct err *err)
{
	int64_t last = clock_now();
	bool over = false;

	for (;;) {
		int r;

		r = move_all(p, &over, err);
		if (r < 0 || over || is_over(p))
			return r < 0 ? r : 0;
		if (r > 0)
			last = clock_now();
		if (take_unread(p))
			continue;
		r = wait_for_news(p, last);
		if (r < 0)
			return r == -ECANCELED ? r : err_set(err, r, "poll(): %s", err_reason(r));
		if (r == 0) {
			log_silence(p);
			return 0;
		}
	}
}
