/* SPDX-License-Identifier: MIT */
/* Sessions side by side; see engine.h. */

#include "relay/engine.h"

#include "addr/openssl.h"
#include "base/clock.h"
#include "base/log.h"
#include "task/fiber.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	OPENINGS_MAX = 8192, /* at a time: each has a stack */
	SHORTAGE_PAUSE = CLOCK_US_PER_S / 10,
	TIDY_AFTER = CLOCK_US_PER_S / 10,
};

/* A session of this process. */
struct hosted {
	struct link link;
	struct engine *engine;
	struct session session;
	struct pump pump;
	bool is_moving; /* opened, and handed to the pump */
};

/* What it begins with. */
struct start {
	struct hosted *hosted;
	struct opening opening;
	struct arrival arrival;
	const struct listener_ops *ops;
};

/* Whatever is done to the process, or to its surroundings, would be done to all. */
static bool changes_process(const struct address *a)
{
	const struct settings *s = &a->settings;

	return opt_has_scope(&a->options, SCOPE_PROCESS) || s->later_user || s->chdir ||
	       s->netns || s->umask >= 0;
}

static bool share_process(const struct address_pair *pair);

/* So do the addresses that carry it. */
static bool shares_process(const struct address *a)
{
	return !(a->type->groups & (GROUP_FORK | GROUP_READLINE)) && !a->settings.fork &&
	       !changes_process(a) && share_process(a->via);
}

/* NULL: there are none. */
static bool share_process(const struct address_pair *pair)
{
	for (size_t i = 0; pair && i < pair->n; i++)
		if (!shares_process(&pair->part[i]))
			return false;
	return true;
}

bool engine_suits(const struct address_pair *pair)
{
	const struct address *left = &pair[0].part[0];

	return pair[0].n == 1 && left->type->listen && left->settings.fork &&
	       !left->settings.isolate && !changes_process(left) && share_process(left->via) &&
	       share_process(&pair[1]);
}

/* With linger=0, closing one of their sockets resets it. */
static bool lingers(const struct address_pair *pair)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < pair[i].n; k++)
			if (opt_given(&pair[i].part[k].options, "so-linger"))
				return true;
	return false;
}

static void tell_counts(const struct engine *engine, const struct flow_count *count)
{
	const struct relay_hooks *hooks = &engine->options->hooks;
	const struct pump_plan *plan = engine->plan;

	if (hooks->counts)
		hooks->counts(hooks->context, plan->flow[0].wanted ? &count[0] : NULL,
			      plan->flow[1].wanted ? &count[1] : NULL);
}

/* Whose counts come next. */
static void tell_heading(const struct engine *engine, const char *text)
{
	const struct relay_hooks *hooks = &engine->options->hooks;

	if (hooks->heading)
		hooks->heading(hooks->context, text);
	else
		log_notice("%s", text);
}

/* A peer who has gone already has no address any more. */
static void tell_session_counts(const struct hosted *h)
{
	struct flow_count own[2] = { h->pump.flow[0].count, h->pump.flow[1].count };
	struct net_address peer;
	char heading[NET_ADDRESS_TEXT + 32], text[NET_ADDRESS_TEXT];
	bool known = net_address_peer(h->session.stream[0]->rfd, &peer) == 0;

	(void)snprintf(heading, sizeof(heading), "session%s%s:", known ? " with " : "",
		       known ? net_address_text(&peer, text, sizeof(text)) : "");
	tell_heading(h->engine, heading);
	tell_counts(h->engine, own);
}

static void tell_total_counts(const struct engine *engine, const struct flow_count *total)
{
	char heading[64];

	(void)snprintf(heading, sizeof(heading), "%zu sessions are open; in total:",
		       engine->n_sessions);
	tell_heading(engine, heading);
	tell_counts(engine, total);
}

static void add_counts(struct flow_count *total, const struct pump *pump)
{
	for (size_t i = 0; i < 2; i++) {
		total[i].blocks += pump->flow[i].count.blocks;
		total[i].bytes += pump->flow[i].count.bytes;
	}
}

/* SIGUSR1: each session, then all that there were. */
static void tell_all_counts(struct engine *engine)
{
	struct flow_count total[2] = { engine->total[0], engine->total[1] };

	for (struct link *l = engine->sessions.next; l != &engine->sessions; l = l->next) {
		const struct hosted *h = link_owner(l, struct hosted, link);

		if (!h->is_moving)
			continue;
		add_counts(total, &h->pump);
		tell_session_counts(h);
	}
	tell_total_counts(engine, total);
}

/* SIGHUP: sessions that begin from now on see the certificates as they are now; those
 * that are open go on. */
static void reload(const struct engine *engine)
{
	const struct relay_hooks *hooks = &engine->options->hooks;
	struct err err = { .code = 0 };

	if (hooks->hung_up)
		hooks->hung_up(hooks->context);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < engine->pair[i].n; k++)
			if (openssl_reload(&engine->pair[i].part[k], &err) < 0)
				log_error("%s; what was loaded before stays", err.text);
}

static void on_signal(struct ear *ear)
{
	struct engine *engine = link_owner(ear, struct engine, ear);

	if (signals_take(SIGUSR1)) {
		engine_tell_workers(engine, SIGUSR1);
		if (!engine->n_workers) /* they have all the sessions */
			tell_all_counts(engine);
	}
	if (signals_take(SIGHUP)) {
		engine_tell_workers(engine, SIGHUP);
		reload(engine);
	}
}

static void on_tidy(struct timer *timer)
{
	if (link_owner(timer, struct engine, tidy)->n_openings == 0)
		fiber_tidy();
	else
		timer_set(timer, clock_after(TIDY_AFTER));
}

int engine_open(struct engine *engine, const struct relay_options *options,
		const struct address_pair *pair, const struct pump_plan *plan,
		struct stock *stock, struct err *err)
{
	int r;

	*engine = (struct engine){
		.options = options,
		.pair = pair,
		.plan = plan,
		.stock = stock,
		.ear = { .hear = on_signal },
		.tidy = { .ring = on_tidy },
		.spares_openings = true,
	};
	list_init(&engine->sessions);
	r = loop_open();
	if (r < 0)
		return err_set(err, r, "epoll_create1(): %s", err_reason(r));
	engine->lingers = lingers(pair);
	engine_share_descriptors(engine);
	ear_open(&engine->ear);
	return 0;
}

/* Nobody else has these sockets, so closing one ends the connection.  But only once all was
 * read: the kernel resets a connection whose data nobody wants, and a peer who was told the end
 * before that sees the end. */
static void close_at_once(const struct pump *pump, struct stream *const s[2])
{
	for (size_t i = 0; i < 2; i++)
		if (s[i]->end == END_SHUTDOWN && (pump->flow[i].ended || s[i]->packets))
			s[i]->end = END_CLOSE;
}

static void hosted_free(struct hosted *h)
{
	struct engine *engine = h->engine;

	link_remove(&h->link);
	if (--engine->n_sessions < engine->ceiling / 2)
		engine->told_full = false; /* the next time is news */
	if (h->is_moving) {
		add_counts(engine->total, &h->pump);
		close_at_once(&h->pump, h->session.stream);
		pump_done(&h->pump);
	}
	session_done(&h->session);
	free(h);
}

void engine_close(struct engine *engine)
{
	while (!list_is_empty(&engine->sessions)) {
		struct hosted *h = link_owner(engine->sessions.next, struct hosted, link);

		if (h->is_moving)
			pump_stop(&h->pump);
		if (h->is_moving && engine->options->statistics)
			tell_session_counts(h);
		hosted_free(h);
	}
	ear_close(&engine->ear);
	if (loop_is_open())
		timer_set(&engine->tidy, CLOCK_NEVER);
	loop_close();
	fiber_tidy();
	free(take_ptr(engine->workers));
}

/* The program is told as if the session had been a process of its own. */
static void end_session(struct hosted *h, enum relay_failure failure, const struct err *err)
{
	const struct relay_options *options = h->engine->options;
	const struct relay_result result = { .failure = failure };

	if (options->statistics && h->is_moving)
		tell_session_counts(h);
	if (options->hooks.ended && !signals_ending())
		options->hooks.ended(options->hooks.context, &result, err);
	hosted_free(h);
}

static void on_finished(struct pump *pump, int r, struct err *err)
{
	end_session(link_owner(pump, struct hosted, pump), r < 0 ? RELAY_CUT : RELAY_FINE, err);
}

static int open_left(struct start *start, struct stream **ret)
{
	auto_stream s = NULL;
	int r;

	r = start->ops->finish(&start->opening, &start->arrival, &s);
	if (r == 0)
		r = opening_finish(&start->opening, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

static int begin_transfer(struct hosted *h, struct err *err)
{
	const struct relay_hooks *hooks = &h->engine->options->hooks;
	struct session *session = &h->session;
	int r;

	session_open_taps(session);
	env_done(&session->env);
	engine_note_descriptors(h->engine, session);
	if (hooks->starting)
		hooks->starting(hooks->context, session->stream[0], session->stream[1]);
	pump_init(&h->pump, h->engine->plan, h->engine->stock, session->stream, session->tap);
	h->pump.finished = on_finished;
	h->pump.is_last = !h->engine->lingers;
	h->pump.softness = (uint8_t)log_soften(0);
	session_tell_transfer(session);
	r = pump_start(&h->pump);
	if (r < 0) {
		pump_done(&h->pump);
		return err_set(err, r, "epoll_ctl(): %s", err_reason(r));
	}
	h->is_moving = true;
	return 0;
}

/* Its peer is here already: he waits, too, where other sessions will give descriptors back. */
static int open_right(struct hosted *h, struct err *err)
{
	struct engine *engine = h->engine;
	int r;

	while ((r = session_open_right(&h->session, err)) == -EMFILE || r == -ENFILE) {
		if (engine->n_sessions == engine->n_openings)
			return r;
		if (!engine->told_full)
			log_warn("%s; trying again when a session ends", err->text);
		engine->told_full = true;
		r = task_sleep(SHORTAGE_PAUSE);
		if (r < 0)
			return r;
	}
	return r;
}

/* On a fiber: from the arrival to the pump. */
static void run_start(void *arg)
{
	struct start start = *(const struct start *)arg; /* on this stack: the other one goes on */
	struct hosted *h = start.hosted;
	struct engine *engine = h->engine;
	struct err err = { .code = 0 };
	int r;

	(void)log_soften((unsigned int)MAX(engine->pair[0].part[0].settings.children_shutup, 0));
	start.opening.err = &err;
	task_spare(&engine->spares_openings);
	r = open_left(&start, &h->session.stream[0]);
	arrival_done(&start.arrival);
	if (r == 0)
		r = open_right(h, &err);
	if (r == 0)
		r = begin_transfer(h, &err);
	engine->n_openings--;
	if (!engine->tidy.place)
		timer_set(&engine->tidy, clock_after(TIDY_AFTER));
	if (r < 0)
		end_session(h, RELAY_NOT_OPENED, &err);
}

static struct start begin_session(struct engine *engine, const struct opening *opening,
				  const struct listener *l, struct arrival *arrival)
{
	struct hosted *h = new_object(struct hosted);
	struct start start = { .hosted = h, .opening = *opening, .ops = l->ops };

	h->engine = engine;
	list_append(&engine->sessions, &h->link);
	engine->n_sessions++;
	h->session.options = engine->options;
	h->session.pair = engine->pair;
	h->session.result = &engine->unused;
	start.arrival = *arrival;
	*arrival = (struct arrival){ .fd = -1 };
	start.opening.more_attempts = false;
	h->session.wants_env = opening->env != NULL;
	if (opening->env) {
		env_copy(&h->session.env, opening->env);
		start.opening.env = &h->session.env;
	}
	return start;
}

int engine_serve(struct engine *engine, const struct opening *opening, struct listener *l,
		 struct arrival *arrival)
{
	struct start start = begin_session(engine, opening, l, arrival);
	int r;

	log_notice("serving session in this process; %zu are open", engine->n_sessions);
	engine->n_openings++;
	r = task_start(run_start, &start);
	if (r == 0)
		return 0;
	engine->n_openings--;
	*arrival = start.arrival;
	hosted_free(start.hosted);
	return err_set(opening->err, r, "no stack for a session: %s", err_reason(r));
}

static bool is_full(const struct engine *engine, int max)
{
	return (max && engine->n_sessions >= (size_t)max) ||
	       engine->n_sessions >= engine->ceiling || engine->n_openings >= OPENINGS_MAX;
}

static void tell_full(const struct engine *engine, int max)
{
	if (max && engine->n_sessions >= (size_t)max)
		log_notice("maxchildren are active, waiting");
	else if (engine->n_sessions >= engine->ceiling)
		log_warn("%zu sessions are open, all that the limit of open files allows; waiting "
			 "until one ends",
			 engine->n_sessions);
	else
		log_warn("%zu sessions are being opened; waiting until one is open",
			 engine->n_openings);
}

int engine_wait_for_slot(struct engine *engine, int max)
{
	int r = 0;

	if (!is_full(engine, max))
		return 0;
	if (!engine->told_full || max)
		tell_full(engine, max);
	engine->told_full = true;
	while (r == 0 && is_full(engine, max))
		r = task_turn();
	return r;
}

void engine_bequeath(struct engine *engine, pid_t heir)
{
	for (struct link *l = engine->sessions.next; l != &engine->sessions; l = l->next)
		for (size_t i = 0; i < 2; i++)
			stream_bequeath(link_owner(l, struct hosted, link)->session.stream[i],
					heir);
}

void engine_let_go(struct engine *engine)
{
	ear_close(&engine->ear);
	loop_forget();
	while (!list_is_empty(&engine->sessions)) {
		struct hosted *h = link_owner(engine->sessions.next, struct hosted, link);

		for (size_t i = 0; i < 2; i++)
			stream_disown(h->session.stream[i]);
		hosted_free(h);
	}
}
