/* SPDX-License-Identifier: MIT */
/* A relay from the text of its addresses to its end; see relay.h. */

#include "relay/relay.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "relay/engine.h"
#include "relay/pump.h"
#include "relay/session.h"
#include "task/child.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A relay: what all its sessions share. */
struct relay {
	const struct relay_options *options;
	struct address_pair pair[2];
	struct pump_plan plan;
	struct stock stock;
	struct relay_result *result;
};

static int parse_addresses(struct relay *relay, const char *const text[2], struct err *err)
{
	for (size_t i = 0; i < 2; i++) {
		int r = address_parse(text[i], &relay->options->address, &relay->pair[i], err);

		if (r < 0) {
			relay->result->failure = RELAY_BAD_ADDRESS;
			relay->result->address = text[i];
			return r;
		}
	}
	return 0;
}

/* Which half of a dual address a side reads from or writes to. */
static const struct settings *reading_settings(const struct address_pair *pair)
{
	return &pair->part[0].settings;
}

static const struct settings *writing_settings(const struct address_pair *pair)
{
	return &pair->part[pair->n - 1].settings;
}

/* CR LF needs twice the room. */
static size_t block_bytes(const struct flow_plan *plan)
{
	return plan->from_newline == plan->to_newline ? MAX(plan->block_size, plan->bulk_size) + 1
						      : 2 * plan->block_size + 1;
}

/* Sessions of peers who send packets, each of which would be open for ever. */
static bool serves_packets(const struct relay *relay)
{
	const struct address *left = &relay->pair[0].part[0];

	return left->type->listen && left->settings.fork &&
	       left->type->args.type == SOCK_DGRAM;
}

static void make_plan(struct relay *relay)
{
	const struct relay_options *options = relay->options;
	struct pump_plan *plan = &relay->plan;

	plan->closing_wait = options->closing_wait;
	plan->idle_limit = options->idle_limit;
	plan->losses_fail = options->losses_fail;
	if (plan->idle_limit < 0 && options->packet_idle_limit && serves_packets(relay))
		plan->idle_limit = options->packet_idle_limit;
	for (size_t i = 0; i < 2; i++) {
		struct flow_plan *flow = &plan->flow[i];

		flow->number = (int)i + 1;
		flow->wanted = options->left & (i == 0 ? DIR_READ : DIR_WRITE);
		flow->source = reading_settings(&relay->pair[i]);
		flow->from_newline = (enum newline)flow->source->newline;
		flow->to_newline = (enum newline)writing_settings(&relay->pair[1 - i])->newline;
		flow->block_size = options->address.block_size;
		flow->bulk_size = options->bulk_size ? options->bulk_size : flow->block_size;
	}
	stock_init(&relay->stock, MAX(block_bytes(&plan->flow[0]), block_bytes(&plan->flow[1])));
}

static int open_both(struct session *session, struct err *err)
{
	int r = session_open(session, 0, session->options->left, err);

	if (r < 0 || !session->stream[0])
		return r;
	return session_open_right(session, err);
}

static void tell_counts(struct pump *pump, void *context)
{
	const struct relay_hooks *hooks = context;

	if (hooks->counts)
		hooks->counts(hooks->context, pump->runs[0] ? &pump->flow[0].count : NULL,
			      pump->runs[1] ? &pump->flow[1].count : NULL);
}

static void on_signal(struct pump *pump, void *context)
{
	const struct relay_hooks *hooks = context;

	if (signals_take(SIGUSR1))
		tell_counts(pump, context);
	if (hooks->hung_up && signals_take(SIGHUP))
		hooks->hung_up(hooks->context);
}

/* SOCAT_TRANSFER_WAIT, and statistics that were asked for too early. */
static int before_transfer(const struct session *session)
{
	const struct relay_hooks *hooks = &session->options->hooks;
	const char *text = getenv("SOCAT_TRANSFER_WAIT");
	int64_t us;

	if (signals_take(SIGUSR1))
		log_warn("transfer engine not yet started, statistics not available");
	if (hooks->starting)
		hooks->starting(hooks->context, session->stream[0], session->stream[1]);
	if (text && num_parse_seconds(text, &us) == 0)
		return task_sleep(us);
	return 0;
}

/* A program that has closed its output is about to exit, and its status counts.
 * One that only closed its output is given the closing wait, no more. */
static int wait_for_status(const struct session *session, const struct pump *pump)
{
	int64_t before = task_deadline(clock_after(pump->plan->closing_wait));
	int r = 0;

	for (size_t i = 0; r == 0 && i < 2; i++)
		if (pump->flow[i].ended && session->stream[i]->program > 0)
			r = child_wait(session->stream[i]->program);
	(void)task_deadline(before);
	return r == -ETIMEDOUT ? 0 : r;
}

/* What a side reads from and what it writes to; the same but for dual addresses. */
static const struct stream *half_of(const struct stream *s, size_t i)
{
	const struct stream *half = i == 0 ? s->reading : s->writing;

	return half ? half : s;
}

/* A program that is only written to must see the end of its input and finish.  If -T ended
 * the transfer, nobody waits for it. */
static int wait_for_writers(struct session *session, const struct pump *pump)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < 2; i++) {
		const struct stream *s = half_of(session->stream[i], 1);

		if (pump->flow[1 - i].state == FLOW_SHUT && s->wait_program && s->program > 0)
			r = child_wait(s->program);
	}
	return r;
}

static int transfer(struct relay *relay, struct session *session, struct err *err)
{
	struct relay_hooks hooks = session->options->hooks;
	struct pump pump;
	int r;

	session_open_taps(session);
	r = before_transfer(session);
	pump_init(&pump, &relay->plan, &relay->stock, session->stream, session->tap);
	if (r == 0) {
		session_tell_transfer(session);
		r = pump_run(&pump, on_signal, &hooks, err);
	}
	if (r == 0)
		r = wait_for_status(session, &pump);
	if (r == 0)
		r = wait_for_writers(session, &pump);
	if (session->options->statistics)
		tell_counts(&pump, &hooks);
	pump_done(&pump);
	return r;
}

static bool a_program_failed(const struct session *session)
{
	int status = 0;

	child_reap();
	for (size_t i = 0; i < 4; i++) {
		const struct stream *s = half_of(session->stream[i / 2], i % 2);

		if (s->program > 0 && child_ended(s->program, &status) && status != 0)
			return true;
	}
	return false;
}

/* After accept-timeout: classic waits, too, though for one of them only. */
static int wait_for_sessions(void)
{
	int r = 0;

	child_reap();
	if (child_count(CHILD_SESSION))
		log_notice("Waiting for child processes to terminate");
	while (r == 0 && child_count(CHILD_SESSION))
		r = task_wait_signal();
	return r;
}

/* From the left address to the end, in this process or in a forked one. */
static int run_session(struct relay *relay, struct session *session, struct err *err)
{
	struct relay_result *result = relay->result;
	int r;

	r = open_both(session, err);
	if (session->nobody_came)
		return wait_for_sessions();
	if (result->failure == RELAY_REPLACED)
		return 0;
	if (r < 0) {
		result->failure = RELAY_NOT_OPENED;
		return r;
	}
	r = transfer(relay, session, err);
	if (r < 0)
		result->failure = RELAY_CUT;
	else if (a_program_failed(session))
		result->failure = RELAY_PROGRAM;
	return r;
}

/* A listener whose sessions share this process: returns when it has ended. */
static int run_engine(struct relay *relay, struct session *listening, struct err *err)
{
	struct engine engine;
	int r;

	r = engine_open(&engine, relay->options, relay->pair, &relay->plan, &relay->stock, err);
	if (r < 0)
		return r;
	listening->engine = &engine;
	/* Names of raw copies are made from variables; no program is there to read them. */
	listening->wants_env = relay->options->raw_left || relay->options->raw_right;
	r = session_open(listening, 0, relay->options->left, err);
	if (listening->nobody_came)
		engine_finish_sessions(&engine);
	if (engine_outlive(&engine) || listening->nobody_came)
		r = 0;
	else if (r < 0)
		relay->result->failure = RELAY_NOT_OPENED;
	engine_close(&engine);
	return r;
}

/* A copy with the number of the process in its name is meant to be one for each session. */
static bool is_named_after_process(const struct relay *relay, const char *name)
{
	auto_free char *variable = str_format("%sPID", relay->options->address.env_prefix);

	return name && (strstr(name, "$$") || strstr(name, variable));
}

static bool sessions_share_process(const struct relay *relay)
{
	return engine_suits(relay->pair) &&
	       !is_named_after_process(relay, relay->options->raw_left) &&
	       !is_named_after_process(relay, relay->options->raw_right);
}

/* Workers serve sessions that share a process. */
static int check_workers(const struct relay *relay, struct err *err)
{
	bool wanted = false;

	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < relay->pair[i].n; k++)
			wanted |= relay->pair[i].part[k].settings.workers > 0;
	if (!wanted || sessions_share_process(relay))
		return 0;
	relay->result->failure = RELAY_NOT_OPENED;
	return err_set(err, -EINVAL,
		       "option \"workers\": each session of these addresses has a process anyway");
}

static int run(struct relay *relay, const char *const text[2], struct err *err)
{
	struct session session;
	int r;

	session_init(&session, relay->options, relay->pair, relay->result);
	r = parse_addresses(relay, text, err);
	if (r == 0) {
		make_plan(relay);
		r = check_workers(relay, err);
	}
	if (r == 0) {
		r = sessions_share_process(relay) ? run_engine(relay, &session, err)
						  : run_session(relay, &session, err);
	}
	if (signals_ending())
		relay->result->failure = RELAY_CANCELED;
	session_done(&session);
	return r;
}

int relay_run(const struct relay_options *options, const char *left, const char *right,
	      struct relay_result *ret, struct err *err)
{
	const char *const text[] = { left, right };
	struct relay relay = { .options = options, .result = ret };
	int r;

	r = run(&relay, text, err);
	stock_done(&relay.stock);
	for (size_t i = 0; i < 2; i++)
		address_done(&relay.pair[i]);
	return r;
}
