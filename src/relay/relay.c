/* SPDX-License-Identifier: MIT */
/* A relay from the text of its addresses to its end; see relay.h. */

#include "relay/relay.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "relay/pump.h"
#include "relay/session.h"
#include "task/child.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int parse_addresses(struct session *session, const char *const text[2], struct err *err)
{
	for (size_t i = 0; i < 2; i++) {
		int r = address_parse(text[i], &session->options->address, &session->pair[i], err);

		if (r < 0) {
			session->result->failure = RELAY_BAD_ADDRESS;
			session->result->address = text[i];
			return r;
		}
	}
	return 0;
}

/* The second address does what the first one leaves it to do. */
static enum addr_direction complement(const struct stream *first, enum addr_direction wanted)
{
	enum addr_direction left = wanted;

	if (first->rfd < 0 && !first->reading)
		left &= ~(unsigned int)DIR_WRITE;
	if (first->wfd < 0 && !first->writing)
		left &= ~(unsigned int)DIR_READ;
	return left ? left : wanted;
}

static enum addr_direction opposite(enum addr_direction direction)
{
	return direction == DIR_BOTH ? DIR_BOTH : direction == DIR_READ ? DIR_WRITE : DIR_READ;
}

static int open_both(struct session *session, struct err *err)
{
	enum addr_direction wanted = session->options->left;
	int r;

	r = session_open(session, 0, wanted, err);
	if (r < 0 || !session->stream[0])
		return r;
	return session_open(session, 1, complement(session->stream[0], opposite(wanted)), err);
}

static void open_taps(const struct session *session, struct pump *pump)
{
	const struct relay_options *options = session->options;
	const char *const names[] = { options->raw_left, options->raw_right };
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < 2; i++) {
		struct tap *tap = &pump->flow[i].tap;
		auto_free char *path = NULL;

		tap->direction = i == 0 ? '>' : '<';
		tap->text = options->dump_text;
		tap->hex = options->dump_hex;
		tap->dump_fd = tap->text || tap->hex ? options->dump_fd : -1;
		if (names[i]) {
			path = tap_expand_name(names[i], options->address.program, &session->env,
					       &now);
			tap->raw_fd = tap_open_raw(path);
			if (tap->raw_fd < 0)
				log_warn("open(\"%s\"): %s", path, err_reason(tap->raw_fd));
		}
		pump->flow[i].has_tap = tap->dump_fd >= 0 || tap->raw_fd >= 0;
	}
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

static void prepare_flow(struct session *session, struct pump *pump, int i)
{
	struct stream *from = session->stream[i], *to = session->stream[1 - i];
	struct flow *flow = &pump->flow[i];

	flow_init(flow, i + 1, from, to, session->options->address.block_size);
	flow->source = reading_settings(&session->pair[i]);
	flow->from_newline = (enum newline)flow->source->newline;
	flow->to_newline = (enum newline)writing_settings(&session->pair[1 - i])->newline;
	if (flow->source->readbytes > 0)
		flow->bytes_left = flow->source->readbytes;
	pump->runs[i] = session->options->left & (i == 0 ? DIR_READ : DIR_WRITE) &&
			from->rfd >= 0 && to->wfd >= 0;
}

static void tell_counts(struct pump *pump, void *context)
{
	const struct relay_hooks *hooks = context;

	if (hooks->counts)
		hooks->counts(hooks->context, pump->runs[0] ? &pump->flow[0].count : NULL,
			      pump->runs[1] ? &pump->flow[1].count : NULL);
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
	int64_t before = task_deadline(clock_after(pump->closing_wait));
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

static int transfer(struct session *session, struct err *err)
{
	const struct stream *const *s = (const struct stream *const *)session->stream;
	struct pump pump = {
		.closing_wait = session->options->closing_wait,
		.idle_limit = session->options->idle_limit,
		.counts = tell_counts,
	};
	struct relay_hooks hooks = session->options->hooks;
	int r;

	pump.context = &hooks;
	for (int i = 0; i < 2; i++)
		prepare_flow(session, &pump, i);
	open_taps(session, &pump);
	r = before_transfer(session);
	if (r == 0) {
		log_notice("starting data transfer loop with FDs [%d,%d] and [%d,%d]", s[0]->rfd,
			   s[0]->wfd, s[1]->rfd, s[1]->wfd);
		r = pump_run(&pump, err);
	}
	if (r == 0)
		r = wait_for_status(session, &pump);
	if (r == 0)
		r = wait_for_writers(session, &pump);
	if (session->options->statistics)
		tell_counts(&pump, &hooks);
	for (size_t i = 0; i < 2; i++)
		flow_done(&pump.flow[i]);
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

static int run(struct session *session, const char *const text[2], struct err *err)
{
	struct relay_result *result = session->result;
	int r;

	r = parse_addresses(session, text, err);
	if (r < 0)
		return r;
	r = open_both(session, err);
	if (session->nobody_came || result->failure == RELAY_REPLACED)
		return 0;
	if (r < 0) {
		result->failure = RELAY_NOT_OPENED;
		return r;
	}
	r = transfer(session, err);
	if (r < 0)
		result->failure = RELAY_CUT;
	else if (a_program_failed(session))
		result->failure = RELAY_PROGRAM;
	return r;
}

int relay_run(const struct relay_options *options, const char *left, const char *right,
	      struct relay_result *ret, struct err *err)
{
	const char *const text[] = { left, right };
	struct session session;
	int r;

	session_init(&session, options, ret);
	r = run(&session, text, err);
	if (signals_ending())
		ret->failure = RELAY_CANCELED;
	session_done(&session);
	return r;
}
