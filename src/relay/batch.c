/* SPDX-License-Identifier: MIT */
/*
 * Packets in batches.
 *
 * A batch is borrowed from the stock while packets are on their way.  One that was not
 * full has emptied the source: what comes later is news, and the kernel tells it.
 */

#include "relay/batch.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>

/* Copies, line ends, the escape character, a number of bytes and lines of the log are
 * about each packet. */
static bool nobody_looks(const struct flow *flow)
{
	const struct flow_plan *plan = flow->plan;
	enum log_level told = flow->from->ops->names_peer ? LEVEL_NOTICE : LEVEL_INFO;

	return !flow->tap && plan->from_newline == plan->to_newline && plan->source->escape < 0 &&
	       !plan->source->ignoreeof && flow->bytes_left < 0 && !log_wants(told) &&
	       !log_wants(LEVEL_INFO);
}

bool batch_prepare(struct flow *flow)
{
	flow->sends_runs = true;
	return flow->from->packets && flow->to->packets && nobody_looks(flow) &&
	       flow->from->ops->receive && flow->to->ops->send &&
	       net_batch_prepare(flow->from->rfd, flow->to->wfd);
}

static void count(struct flow *flow, const struct net_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		flow->count.blocks += net_run_packets(&batch->run[i]);
		flow->count.bytes += batch->run[i].len;
	}
}

/* Of what came, nobody wanted anything, which is no activity.  Whoever sends faster than this
 * drops does not have it all the time: what is still queued, of which the kernel tells
 * nothing, is read after others had their turns. */
static int nothing_was_wanted(struct flow *flow, bool is_last)
{
	flow->readable = false;
	flow->pause_until = is_last ? 0 : clock_now();
	return 0;
}

/* 1: it was read from; 0: nothing is there, or ignoreeof. */
static int fill(struct flow *flow, struct err *err)
{
	size_t most = flow->plan->block_size;
	int r = stream_receive(flow->from, flow->batch, most);
	bool is_last;

	if (r == -EAGAIN) {
		flow->readable = false;
		return 0;
	}
	if (r < 0)
		return flow_read_failed(flow, r, most, err);
	is_last = flow->batch->drained && !flow->may_stop_short;
	count(flow, flow->batch);
	if (flow->batch->ended)
		return flow_source_ended(flow);
	if (net_batch_is_empty(flow->batch))
		return nothing_was_wanted(flow, is_last);
	if (is_last)
		flow->readable = false;
	return 1;
}

/* 1: some of it was sent; 0: nothing can be now. */
static int empty(struct flow *flow, bool *ret_over, struct err *err)
{
	struct net_batch *batch = flow->batch;
	size_t at = batch->at, len = batch->run[at].len;
	int r = stream_send(flow->to, batch, &flow->sends_runs);

	if (r == -EAGAIN) {
		flow->writable = false;
		return batch->at > at || batch->run[at].len < len;
	}
	if (r < 0)
		return flow_write_failed(flow, r, batch->run[batch->at].len, ret_over, err);
	return 1;
}

int batch_move(struct flow *flow, bool *ret_over, struct err *err)
{
	int got = 0, put = 0;

	if (!flow->batch)
		flow->batch = stock_take_batch(flow->stock);
	if (net_batch_is_empty(flow->batch))
		got = fill(flow, err);
	if (got >= 0 && !net_batch_is_empty(flow->batch))
		put = empty(flow, ret_over, err);
	if (net_batch_is_empty(flow->batch))
		stock_give_batch(flow->stock, take_ptr(flow->batch));
	return got < 0 ? got : put < 0 ? put : got | put;
}
