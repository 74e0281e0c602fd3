/* SPDX-License-Identifier: MIT */
/*
 * The pump: two flows between two streams, driven by the loop.
 *
 *	the kernel	says that a descriptor has become ready
 *	  on_ready	notes it in the flows that are concerned
 *	    step	moves portions, left to right first, as long as any moves,
 *			but no longer than a fair share; then handles ends
 *	      on_turn	goes on after others had their turn
 *	      on_timer	silence has lasted long enough, or it is time to read again
 *
 * A direction waits only for what it lacks: a reader that is slow leaves its flow
 * not writable, and nothing is read for it.  Readiness comes as edges (loop.h), so
 * what is ready for nothing useful does not make the loop spin.
 *
 * After the first end the other direction may go on, for closing_wait of
 * silence; ignoreeof reads again once a second, without counting as activity.
 */

#include "relay/pump.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "task/child.h"

#include <errno.h>
#include <sys/stat.h>

enum { SHARE = 8 }; /* portions of each direction before others have a turn */

static bool is_over(const struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		if (p->runs[i] && p->flow[i].state != FLOW_SHUT)
			return false;
	return true;
}

/* A program that reads no more may still have much to say. */
static bool is_closing(const struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		if (p->runs[i] && p->flow[i].state == FLOW_SHUT && !p->flow[i].refused)
			return true;
	return false;
}

static bool is_refused(const struct pump *p)
{
	return p->flow[0].refused || p->flow[1].refused;
}

/* The ends that no read tells.  The descriptor was closed by shut-close.  Or the
 * program behind a source is dead and has left nothing: that is its end, even
 * when a grandchild keeps the channel open. */
static void check_source(struct flow *flow)
{
	int status;

	if (flow->state != FLOW_OPEN)
		return;
	if (flow->from->rfd < 0)
		return flow_end(flow);
	if (flow->from->program <= 0 || !child_ended(flow->from->program, &status) ||
	    flow->readable || fd_is_ready(flow->from->rfd, POLLIN))
		return;
	log_info("terminated child did not leave data for us");
	flow_end(flow);
}

/* The other direction has ended, so this end is the last one: shutting the socket altogether,
 * which comes next, tells it as well, and so does closing it if all was read from it. */
static bool is_needless(const struct pump *p, size_t i, const struct stream *to)
{
	return p->is_last && is_closing(p) && to->shut == SHUT_DOWN &&
	       (to->end == END_SHUTDOWN || (to->end == END_CLOSE && p->flow[1 - i].ended));
}

/* A descriptor must not be watched when it is closed. */
static int settle(struct pump *p, size_t i, struct err *err)
{
	struct flow *flow = &p->flow[i];
	struct stream *to = flow->to;

	if (flow_is_drained(flow) && is_needless(p, i, to)) {
		flow_forgo(flow);
		return 0;
	}
	if (flow_is_drained(flow) && stream_shut_closes(to)) {
		watch_close(&p->watch[1 - i][1]);
		if (to->rfd == to->wfd)
			watch_close(&p->watch[1 - i][0]);
	}
	return flow_settle(flow, err);
}

/* Ends, after data of both directions: what is ready now still passes.  The end
 * of the second may have closed the source of the first, so that one is asked
 * again. */
static int handle_ends(struct pump *p, struct err *err)
{
	static const size_t order[] = { 0, 1, 0 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(order); i++) {
		if (!p->runs[order[i]])
			continue;
		check_source(&p->flow[order[i]]);
		r = settle(p, order[i], err);
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
		p->flow[i].readable |= p->flow[i].pause_until != 0;
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
	if (is_closing(p) || is_refused(p))
		insist_on_end(p);
	return r < 0 ? r : any;
}

/* Data that was put back, or that a layer holds, is readable without asking the
 * kernel. */
static void notice_unread(struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		if (p->runs[i] && stream_has_unread(p->flow[i].from))
			p->flow[i].readable = true;
}

/* An end was told, or is being told: only an answer may come now. */
static bool is_near_end(const struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		if (p->runs[i] && flow_awaits_answer(&p->flow[i]))
			return true;
	return is_closing(p);
}

static bool closing_wait_counts(const struct pump *p)
{
	return p->plan->closing_wait >= 0 && is_near_end(p);
}

/* When silence ends the transfer. */
static int64_t silence_end(const struct pump *p)
{
	int64_t wait = closing_wait_counts(p) ? p->plan->closing_wait : p->plan->idle_limit;

	if (wait < 0 || wait > INT64_MAX - p->last)
		return CLOCK_NEVER;
	return p->last + wait;
}

/* When to read or to write again what the kernel does not tell about. */
static int64_t next_try(const struct pump *p)
{
	int64_t next = CLOCK_NEVER;

	for (size_t i = 0; i < 2; i++) {
		const struct flow *flow = &p->flow[i];
		int64_t rewrite_at = stream_rewrite_at(flow->to);

		if (p->runs[i] && flow->state == FLOW_OPEN && flow->pause_until)
			next = MIN(next, flow->pause_until);
		if (p->runs[i] && flow->state != FLOW_SHUT && rewrite_at)
			next = MIN(next, rewrite_at);
	}
	return next;
}

/* A timer that rings too early is set again then: cheaper than moving it with each portion. */
static void set_timer(struct pump *p)
{
	int64_t moment = MIN(silence_end(p), next_try(p));

	if (moment != CLOCK_NEVER && (!p->timer.place || moment < p->timer.moment))
		timer_set(&p->timer, moment);
}

/* A descriptor that is closed next is not watched any more by itself, unless a layer
 * or somebody else has it, too. */
static void forget(struct pump *p)
{
	for (size_t i = 0; i < 4; i++) {
		const struct stream *s = p->flow[i / 2].from;
		struct watch *watch = &p->watch[i / 2][i % 2];

		if (p->is_last && s->end != END_KEEP && !s->below && !s->reading && !s->writing)
			watch_forget(watch);
		else
			watch_close(watch);
	}
}

static void finish(struct pump *p, int r, struct err *err)
{
	forget(p);
	pump_stop(p);
	p->finished(p, r, err);
}

/* What the channel had room for would have been left unread without anybody knowing, had it been
 * written before the program ended.  Classic keeps the program's end of a pipe open, and so never
 * hears of it. */
static bool is_lost(const struct pump *p, const struct flow *flow)
{
	enum { CHANNEL = 64 * 1024 };

	return flow->refused && flow->count.bytes > CHANNEL &&
	       (p->plan->losses_fail || fd_type(flow->to->wfd) != S_IFIFO);
}

static void finish_well(struct pump *p, int r, struct err *err)
{
	if (r == 0 && (is_lost(p, &p->flow[0]) || is_lost(p, &p->flow[1])))
		r = err_set(err, -EPIPE, "the program did not read all of its input");
	finish(p, r, err);
}

/* A descriptor that is lent to many sessions tells each of them all the news of all: it is
 * watched only once it takes no more. */
static int watch_lent(struct pump *p)
{
	int r = 0;

	for (size_t side = 0; r == 0 && side < 2; side++) {
		const struct flow *flow = &p->flow[1 - side];
		struct watch *watch = &p->watch[side][1];

		if (stream_is_lent(flow->to) && flow_has_data(flow) && watch->fd < 0)
			r = watch_open(watch, flow->to->wfd);
	}
	return r;
}

/* 1: it is over, and the pump may be gone. */
static int step(struct pump *p)
{
	struct err err = { .code = 0 };
	bool over = false;
	int r = 1;

	notice_unread(p);
	for (int i = 0; r > 0 && i < SHARE; i++) {
		r = move_all(p, &over, &err);
		if (r < 0 || over || is_over(p)) {
			finish_well(p, MIN(r, 0), &err);
			return 1;
		}
		if (r > 0) {
			p->last = clock_now();
			notice_unread(p);
		}
	}
	if (r > 0) {
		turn_ask(&p->turn);
		return 0;
	}
	set_timer(p);
	r = watch_lent(p);
	if (r < 0)
		finish(p, err_set(&err, r, "epoll_ctl(): %s", err_reason(r)), &err);
	return r < 0;
}

static int step_softly(struct pump *p)
{
	unsigned int before = log_soften(p->softness);
	int r = step(p);

	(void)log_soften(before);
	return r;
}

void pump_look(struct pump *p)
{
	(void)step_softly(p);
}

static void on_turn(struct turn *turn)
{
	pump_look(link_owner(turn, struct pump, turn));
}

/* What the kernel said of one stream: for the flow that reads it and the one that
 * writes it.  A layer may have to write before it can read. */
static void note_ready(struct pump *p, size_t side, short ready)
{
	struct flow *reads = &p->flow[side], *writes = &p->flow[1 - side];
	short in = reads->from->read_wants_write ? POLLIN | POLLOUT : POLLIN;
	short out = writes->to->write_wants_read ? POLLIN | POLLOUT : POLLOUT;

	if (ready & in)
		reads->readable = true;
	if (ready & out && !stream_rewrite_at(writes->to))
		writes->writable = true;
	if (ready & (POLLPRI | POLLRDHUP | POLLHUP | POLLERR))
		reads->may_stop_short = true;
}

static void on_ready_of(struct pump *p, size_t side, struct watch *watch)
{
	note_ready(p, side, watch->ready);
	watch->ready = 0;
	pump_look(p);
}

#define ON_READY(name, side, which)                                                                \
	static void name(struct watch *watch)                                                      \
	{                                                                                          \
		on_ready_of(link_owner(watch, struct pump, watch[side][which]), side, watch);      \
	}

ON_READY(on_left_input, 0, 0)
ON_READY(on_left_output, 0, 1)
ON_READY(on_right_input, 1, 0)
ON_READY(on_right_output, 1, 1)

static void log_silence(const struct pump *p)
{
	long long wait = (long long)p->plan->closing_wait;

	if (closing_wait_counts(p) && p->plan->idle_limit < 0)
		log_info("poll timed out (no data within %lld.%06lld seconds)",
			 wait / CLOCK_US_PER_S, wait % CLOCK_US_PER_S);
	else
		log_notice("inactivity timeout triggered");
}

/* Silence is no end where something is left that nobody takes. */
static int check_delivery(const struct pump *p, struct err *err)
{
	static const char *const takers[] = { "right", "left" };

	for (size_t i = 0; i < 2 && p->plan->losses_fail; i++)
		if (p->runs[i] && flow_is_stuck(&p->flow[i]))
			return err_set(err, -ETIMEDOUT,
				       "the %s address took nothing for %.1f seconds: data was cut",
				       takers[i],
				       (double)(clock_now() - p->last) / CLOCK_US_PER_S);
	return 0;
}

static void try_again(struct flow *flow, int64_t now)
{
	int64_t rewrite_at = stream_rewrite_at(flow->to);

	if (rewrite_at && rewrite_at <= now)
		flow->writable = true;
	if (!flow->pause_until || flow->pause_until > now)
		return;
	flow->pause_until = 0;
	flow->readable = true;
}

/* Time to try again, or the end of patience: if even now nothing can be moved. */
static void on_timer(struct timer *timer)
{
	struct pump *p = link_owner(timer, struct pump, timer);
	int64_t now = clock_now(), last = p->last;
	struct err err = { .code = 0 };

	for (size_t i = 0; i < 2; i++)
		try_again(&p->flow[i], now);
	if (step_softly(p) || p->last != last || silence_end(p) > now)
		return;
	log_silence(p);
	finish(p, check_delivery(p, &err), &err);
}

void pump_init(struct pump *p, const struct pump_plan *plan, struct stock *stock,
	       struct stream *const s[2], struct tap *const taps[2])
{
	static void (*const wake[2][2])(struct watch *) = {
		{ on_left_input, on_left_output },
		{ on_right_input, on_right_output },
	};

	*p = (struct pump){
		.plan = plan,
		.timer = { .ring = on_timer },
		.turn = { .go_on = on_turn },
	};
	for (size_t i = 0; i < 2; i++) {
		flow_init(&p->flow[i], &plan->flow[i], stock, s[i], s[1 - i], taps[i]);
		p->runs[i] = plan->flow[i].wanted && s[i]->rfd >= 0 && s[1 - i]->wfd >= 0;
		for (size_t k = 0; k < 2; k++)
			p->watch[i][k] = (struct watch){ .fd = -1, .wake = wake[i][k] };
	}
}

void pump_done(struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		flow_done(&p->flow[i]);
}

/* One descriptor, one watch, though both flows use it. */
static int watch_stream(struct pump *p, size_t side)
{
	const struct stream *s = p->flow[side].from;
	bool reads = p->runs[side], writes = p->runs[1 - side];
	int r = 0;

	if (stream_is_lent(s)) {
		note_ready(p, side, POLLIN | POLLOUT);
		return 0;
	}
	if (reads || (writes && s->rfd == s->wfd))
		r = watch_open(&p->watch[side][0], s->rfd);
	if (r == 0 && writes && s->rfd != s->wfd)
		r = watch_open(&p->watch[side][1], s->wfd);
	for (size_t k = 0; k < 2; k++) {
		note_ready(p, side, p->watch[side][k].ready);
		p->watch[side][k].ready = 0;
	}
	return r;
}

int pump_start(struct pump *p)
{
	int r;

	p->last = clock_now();
	r = watch_stream(p, 0);
	if (r == 0)
		r = watch_stream(p, 1);
	for (size_t i = 0; i < 2; i++)
		stream_set_reader(p->flow[i].from, &p->turn);
	if (r < 0)
		pump_stop(p);
	else
		turn_ask(&p->turn);
	return r;
}

void pump_stop(struct pump *p)
{
	for (size_t i = 0; i < 2; i++)
		stream_set_reader(p->flow[i].from, NULL);
	for (size_t i = 0; i < 4; i++)
		watch_close(&p->watch[i / 2][i % 2]);
	timer_set(&p->timer, CLOCK_NEVER);
	turn_leave(&p->turn);
}
