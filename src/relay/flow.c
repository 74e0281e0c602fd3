/* SPDX-License-Identifier: MIT */
/* One direction of a relay; the states are explained in flow.h. */

#include "relay/flow.h"

#include "base/clock.h"
#include "base/log.h"
#include "relay/newline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REREAD_PAUSE = CLOCK_US_PER_S }; /* between two reads under ignoreeof */

static const char *const state_names[] = {
	[FLOW_OPEN] = "open",
	[FLOW_DRAINING] = "draining",
	[FLOW_SHUT] = "shut",
};
static_assert(ARRAY_SIZE(state_names) == FLOW_STATES, "name every state");

static void set_state(struct flow *flow, enum flow_state state)
{
	log_debug("flow %d: %s -> %s", flow->number, state_names[flow->state], state_names[state]);
	flow->state = state;
}

void flow_init(struct flow *flow, int number, struct stream *from, struct stream *to,
	       size_t block_size)
{
	*flow = (struct flow){
		.number = number,
		.from = from,
		.to = to,
		.block_size = block_size,
		.bytes_left = -1,
		.tap = { .dump_fd = -1, .raw_fd = -1 },
	};
	/* Page-aligned for O_DIRECT; twice as large for CR LF. */
	if (posix_memalign((void **)&flow->block, (size_t)sysconf(_SC_PAGESIZE),
			   2 * block_size + 1) != 0)
		flow->block = mem_new(2, block_size + 1);
}

void flow_done(struct flow *flow)
{
	if (flow->tap.raw_fd >= 0)
		(void)close(flow->tap.raw_fd);
	free(take_ptr(flow->block));
}

bool flow_has_data(const struct flow *flow)
{
	return flow->at < flow->len;
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
	log_notice("socket %d (fd %d) is at EOF", flow->number, flow->from->rfd);
	set_state(flow, FLOW_DRAINING);
}

int flow_settle(struct flow *flow, struct err *err)
{
	if (flow->state != FLOW_DRAINING || flow_has_data(flow))
		return 0;
	return tell_destination(flow, err);
}

/* Cuts the block at the escape character.  True: it was there. */
static bool cut_at_escape(struct flow *flow, size_t *len)
{
	int escape = flow->source->escape;
	const char *found = escape < 0 ? NULL : memchr(flow->block, escape, *len);

	if (!found)
		return false;
	log_info("escape char found in input");
	*len = (size_t)(found - flow->block);
	return true;
}

/* A block has come: everything that is done to data, in classic's order. */
static void take_block(struct flow *flow, size_t len)
{
	bool end = cut_at_escape(flow, &len);

	flow->count.blocks++;
	flow->count.bytes += len;
	flow->at = 0;
	flow->len = newline_convert(flow->from_newline, flow->to_newline, flow->block, len);
	if (flow->has_tap && flow->len)
		tap_copy(&flow->tap, flow->block, flow->len);

	if (flow->bytes_left >= 0) {
		flow->bytes_left -= (int64_t)len;
		if (flow->bytes_left <= 0 && !end) {
			log_info("readbytes consumed, inserting EOF");
			end = true;
		}
	}
	if (end)
		flow_end(flow);
}

/* The source says it has ended.  1: so it is; 0: ignoreeof, which is not to count
 * as activity. */
static int handle_end(struct flow *flow)
{
	if (flow->source->ignoreeof && !flow->insist) {
		flow->pause_until = clock_after(REREAD_PAUSE);
		return 0;
	}
	flow->ended = true;
	flow_end(flow);
	return 1;
}

static int read_block(struct flow *flow, struct err *err)
{
	size_t limit = flow->block_size;
	ssize_t n;

	if (flow->bytes_left >= 0)
		limit = MIN(limit, (size_t)flow->bytes_left);
	n = stream_read(flow->from, flow->block, limit);
	flow->readable = false;
	if (n == -EAGAIN) {
		flow->pause_until = flow->from->reread_at;
		return 0;
	}
	if (n < 0)
		return err_set(err, (int)n, "read(%d, ..., %zu): %s", flow->from->rfd, limit,
			       err_reason((int)n));
	flow->pause_until = 0;
	if (n == 0)
		return handle_end(flow);
	take_block(flow, (size_t)n);
	return 1;
}

static int write_failed(struct flow *flow, int code, size_t len, bool *ret_over, struct err *err)
{
	char call[STREAM_CALL_TEXT];

	(void)stream_write_call(flow->to, len, call, sizeof(call));
	if (flow->to->cool_write && (code == -EPIPE || code == -ECONNRESET)) {
		log_notice("%s: %s", call, err_reason(code));
		*ret_over = true;
		return 0;
	}
	return err_set(err, code, "%s: %s", call, err_reason(code));
}

static int write_block(struct flow *flow, bool *ret_over, struct err *err)
{
	while (flow_has_data(flow)) {
		size_t len = flow->len - flow->at;
		ssize_t n = stream_write(flow->to, flow->block + flow->at, len);

		if (n == -EAGAIN) {
			flow->writable = false;
			return 1;
		}
		if (n < 0)
			return write_failed(flow, (int)n, len, ret_over, err);
		flow->at += (size_t)n;
	}
	flow->writable = false;
	log_info("transferred %zu bytes from %d to %d", flow->len, flow->from->rfd, flow->to->wfd);
	flow->at = flow->len = 0;
	return 0;
}

int flow_move(struct flow *flow, bool *ret_over, struct err *err)
{
	int r;

	if (flow->state == FLOW_SHUT || !flow->writable)
		return 0;
	if (!flow_has_data(flow)) {
		if (flow->state != FLOW_OPEN || !flow->readable)
			return 0;
		r = read_block(flow, err);
		if (r <= 0 || !flow_has_data(flow))
			return r;
	}
	r = write_block(flow, ret_over, err);
	return r < 0 ? r : 1;
}
