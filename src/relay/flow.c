/* SPDX-License-Identifier: MIT */
/* One direction of a relay; the states are explained in flow.h. */

#include "relay/flow.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/batch.h"
#include "relay/batch.h"
#include "relay/newline.h"
#include "relay/splice.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	REREAD_PAUSE = CLOCK_US_PER_S, /* between two reads under ignoreeof */
	LARGE = 16 * 1024,	       /* below, copying a portion costs less than splicing it */
	SPLICE_AFTER = 2,	       /* so many large portions, one after the other */
	ONE_SEGMENT = 512,	       /* bytes that fit into one, whatever the path */
	SPLICE_BLOCK = 4096,	       /* smaller ones were asked for: they are kept */
};

static const char *const state_names[] = {
	[FLOW_OPEN] = "open",
	[FLOW_DRAINING] = "draining",
	[FLOW_SHUT] = "shut",
};
static_assert(ARRAY_SIZE(state_names) == FLOW_STATES, "name every state");

static void set_state(struct flow *flow, enum flow_state state)
{
	log_debug("flow %d: %s -> %s", flow->plan->number, state_names[flow->state],
		  state_names[state]);
	flow->state = (uint8_t)state;
}

/* Nobody looks at the data, changes them or counts their packets. */
static bool is_plain(const struct flow *flow)
{
	const struct flow_plan *plan = flow->plan;

	return !flow->tap && plan->bulk_size >= SPLICE_BLOCK &&
	       plan->from_newline == plan->to_newline && plan->source->escape < 0 &&
	       !stream_has_packets(flow->from) && !stream_has_packets(flow->to);
}

void flow_init(struct flow *flow, const struct flow_plan *plan, struct stock *stock,
	       struct stream *from, struct stream *to, struct tap *tap)
{
	*flow = (struct flow){
		.plan = plan,
		.stock = stock,
		.from = from,
		.to = to,
		.tap = tap,
		.bytes_left = plan->source->readbytes > 0 ? plan->source->readbytes : -1,
	};
	flow->is_plain = is_plain(flow);
	flow->read_size = (uint32_t)(flow->is_plain ? plan->bulk_size : plan->block_size);
}

static void give_block_back(struct flow *flow)
{
	if (flow->block)
		stock_give_block(flow->stock, take_ptr(flow->block));
	flow->at = flow->len = 0;
}

void flow_done(struct flow *flow)
{
	give_block_back(flow);
	if (flow->duct)
		stock_give_duct(flow->stock, take_ptr(flow->duct));
	if (flow->batch)
		stock_give_batch(flow->stock, take_ptr(flow->batch));
}

bool flow_has_data(const struct flow *flow)
{
	return flow->at < flow->len || (flow->duct && flow->duct->len) ||
	       (flow->batch && !net_batch_is_empty(flow->batch));
}

bool flow_is_stuck(const struct flow *flow)
{
	return flow_has_data(flow) ||
	       (flow->state == FLOW_OPEN && flow->readable && !flow->writable);
}

static int tell_destination(struct flow *flow, struct err *err)
{
	int fd = flow->to->wfd;
	int r = stream_shut(flow->to);

	if (r == -EAGAIN) {
		flow->writable = false;
		return 0;
	}
	set_state(flow, FLOW_SHUT);
	if (r == -EPIPE || r == -ECONNRESET)
		return err_set(err, r, "shutdown(%d, 1): %s", fd, err_reason(r));
	if (r < 0)
		log_info("shutdown(%d, 1): %s", fd, err_reason(r));
	return 0;
}

void flow_end(struct flow *flow)
{
	if (flow->state != FLOW_OPEN)
		return;
	log_notice("socket %d (fd %d) is at EOF", flow->plan->number, flow->from->rfd);
	set_state(flow, FLOW_DRAINING);
}

bool flow_is_drained(const struct flow *flow)
{
	return flow->state == FLOW_DRAINING && !flow_has_data(flow);
}

bool flow_awaits_answer(const struct flow *flow)
{
	return flow_is_drained(flow) && flow->to->write_wants_read;
}

void flow_forgo(struct flow *flow)
{
	set_state(flow, FLOW_SHUT);
}

int flow_settle(struct flow *flow, struct err *err)
{
	return flow_is_drained(flow) ? tell_destination(flow, err) : 0;
}

/* Cuts the block at the escape character.  True: it was there. */
static bool cut_at_escape(const struct flow *flow, size_t *len)
{
	int escape = flow->plan->source->escape;
	const char *found = escape < 0 ? NULL : memchr(flow->block, escape, *len);

	if (!found)
		return false;
	log_info("escape char found in input");
	*len = (size_t)(found - flow->block);
	return true;
}

void flow_took(struct flow *flow, size_t len)
{
	flow->count.blocks++;
	flow->count.bytes += len;
	if (flow->bytes_left < 0)
		return;
	flow->bytes_left -= (int64_t)len;
	if (flow->bytes_left > 0 || flow->state != FLOW_OPEN)
		return;
	log_info("readbytes consumed, inserting EOF");
	flow_end(flow);
}

/* A block has come: everything that is done to data, in classic's order. */
static void take_block(struct flow *flow, size_t len)
{
	if (cut_at_escape(flow, &len))
		flow_end(flow);
	flow->at = 0;
	flow->len = (uint32_t)newline_convert(flow->plan->from_newline, flow->plan->to_newline,
					      flow->block, len);
	if (flow->tap && flow->len)
		tap_copy(flow->tap, flow->block, flow->len);
	flow_took(flow, len);
}

/* 1: so it is; 0: ignoreeof, which is not to count as activity. */
int flow_source_ended(struct flow *flow)
{
	if (flow->plan->source->ignoreeof && !flow->insist) {
		flow->pause_until = clock_after(REREAD_PAUSE);
		flow->readable = false;
		return 0;
	}
	flow->ended = true;
	flow_end(flow);
	return 1;
}

int flow_read_failed(struct flow *flow, int code, size_t len, struct err *err)
{
	/* Unread input is what resets the socket of a program that has ended. */
	if (code == -ECONNRESET && flow->from->program > 0)
		return flow_source_ended(flow);
	return err_set(err, code, "read(%d, ..., %zu): %s", flow->from->rfd, len,
		       err_reason(code));
}

void flow_note_size(struct flow *flow, size_t len, size_t limit)
{
	if (len < LARGE && len < limit)
		flow->large = 0;
	else if (flow->large < SPLICE_AFTER)
		flow->large++;
}

/* What is known of the source after a read.  TCP hands over all it has, so a short
 * read was the last one: what comes later is news, and the kernel tells it.  Only
 * what was told before, urgent data or the end, is told no second time; and what was
 * put back says nothing about the kernel. */
static void learn(struct flow *flow, size_t len, size_t limit, bool put_back)
{
	flow->pause_until = 0;
	flow_note_size(flow, len, limit);
	if (len < limit && flow->from->reads_all && !flow->may_stop_short && !put_back)
		flow->readable = false;
}

static int read_block(struct flow *flow, struct err *err)
{
	bool put_back = flow->from->unread != NULL;
	size_t limit = flow->read_size;
	ssize_t n;

	if (flow->bytes_left >= 0)
		limit = MIN(limit, (size_t)flow->bytes_left);
	if (!flow->block)
		flow->block = stock_take_block(flow->stock);
	n = stream_read(flow->from, flow->block, limit);
	if (n == -EAGAIN) {
		flow->readable = false;
		flow->pause_until = flow->from->reread_at;
		return 0;
	}
	if (n < 0)
		return flow_read_failed(flow, (int)n, limit, err);
	learn(flow, (size_t)n, limit, put_back);
	if (n == 0)
		return flow_source_ended(flow);
	take_block(flow, (size_t)n);
	return 1;
}

/* A program need not read all it is given: what it says, and its status, still count. */
static int leave_program(struct flow *flow, const char *call, int code)
{
	log_warn("%s: %s", call, err_reason(code));
	flow->at = flow->len;
	flow->refused = true;
	set_state(flow, FLOW_SHUT);
	return 1;
}

int flow_write_failed(struct flow *flow, int code, size_t len, bool *ret_over, struct err *err)
{
	bool has_gone = code == -EPIPE || code == -ECONNRESET;
	char call[STREAM_CALL_TEXT];

	(void)stream_write_call(flow->to, len, call, sizeof(call));
	if (has_gone && flow->to->cool_write) {
		log_notice("%s: %s", call, err_reason(code));
		*ret_over = true;
		return 1;
	}
	if (has_gone && flow->to->program > 0)
		return leave_program(flow, call, code);
	return err_set(err, code, "%s: %s", call, err_reason(code));
}

/* A first small portion has no acknowledgement to wait for: many sessions are over then. */
static void hurry(struct flow *flow)
{
	if (flow->hurried || (flow->count.blocks < 2 && flow->len < ONE_SEGMENT))
		return;
	stream_hurry(flow->to);
	flow->hurried = true;
}

/* 1: some of it is written; 0: nothing can be now. */
static int write_block(struct flow *flow, bool *ret_over, struct err *err)
{
	uint32_t before = flow->at;

	hurry(flow);
	while (flow->at < flow->len) {
		size_t len = flow->len - flow->at;
		ssize_t n = stream_write(flow->to, flow->block + flow->at, len);

		if (n == -EAGAIN) {
			flow->writable = false;
			return flow->at > before;
		}
		if (n < 0)
			return flow_write_failed(flow, (int)n, len, ret_over, err);
		flow->at += (uint32_t)n;
	}
	log_info("transferred %u bytes from %d to %d", flow->len, flow->from->rfd, flow->to->wfd);
	return 1;
}

static int move_block(struct flow *flow, bool *ret_over, struct err *err)
{
	int got = flow->at < flow->len ? 0 : read_block(flow, err), put = 0;

	if (got >= 0 && flow->at < flow->len)
		put = write_block(flow, ret_over, err);
	if (flow->at == flow->len)
		give_block_back(flow);
	return got < 0 ? got : put < 0 ? put : got | put;
}

/* Bulk data is on its way, and splicing it is worth a try. */
static bool wants_splice(struct flow *flow)
{
	if (flow->duct)
		return true;
	if (!flow->is_plain || flow->splices == FLOW_NO || flow->large < SPLICE_AFTER ||
	    flow->at < flow->len || stream_has_unread(flow->from))
		return false;
	if (flow->splices == FLOW_NOT_ASKED)
		flow->splices = (uint8_t)splice_prepare(flow);
	return flow->splices == FLOW_YES;
}

/* Packets are on their way, and others may be near.  What was put back goes one by one. */
static bool wants_batch(struct flow *flow)
{
	if (flow->batch)
		return true;
	if (flow->batches == FLOW_NO || !flow->count.blocks || flow->at < flow->len ||
	    stream_has_unread(flow->from))
		return false;
	if (flow->batches == FLOW_NOT_ASKED)
		flow->batches = batch_prepare(flow) ? FLOW_YES : FLOW_NO;
	return flow->batches == FLOW_YES;
}

int flow_move(struct flow *flow, bool *ret_over, struct err *err)
{
	int r;

	if (flow->state == FLOW_SHUT || !flow->writable)
		return 0;
	if (!flow_has_data(flow) && (flow->state != FLOW_OPEN || !flow->readable))
		return 0;
	if (wants_batch(flow))
		return batch_move(flow, ret_over, err);
	if (!wants_splice(flow))
		return move_block(flow, ret_over, err);
	r = splice_move(flow, ret_over, err);
	if (r != -ENOTSUP)
		return r;
	flow->splices = FLOW_NO;
	return 1;
}
