/* SPDX-License-Identifier: MIT */
/* flood: packets in one direction as fast as they go.  What counts is how many the back-end
 * has got, which it is asked before and after. */

#include "load.h"
#include "loop.h"
#include "stats.h"

#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { BATCH = 64, SEND_MAX = 65000 };

static const int64_t WARM_NS = 300 * 1000000LL;

struct flood {
	int fd;
	size_t size;  /* of a packet */
	size_t batch; /* packets in a system call */
	bool gso;
	uint64_t sent;
};

/* A first byte of 0 asks for no answer: all are zero. */
static const uint8_t zeros[SEND_MAX];

static void send_glued(struct flood *f)
{
	if (send(f->fd, zeros, f->batch * f->size, MSG_NOSIGNAL) > 0)
		f->sent += f->batch;
}

static void send_single(struct flood *f)
{
	struct iovec iov = { (void *)(uintptr_t)zeros, f->size };
	struct mmsghdr messages[BATCH];
	int i, n;

	for (i = 0; i < BATCH; i++)
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 } };
	n = sendmmsg(f->fd, messages, BATCH, MSG_NOSIGNAL);
	if (n > 0)
		f->sent += (uint64_t)n;
}

static void send_for(struct flood *f, int64_t time)
{
	struct pollfd writable = { .fd = f->fd, .events = POLLOUT };
	int64_t end = now_ns() + time;

	while (now_ns() < end) {
		(void)poll(&writable, 1, 100);
		if (f->gso)
			send_glued(f);
		else
			send_single(f);
	}
}

static uint64_t arrived(const struct options *o)
{
	auto_free char *text = stats_fetch(o->server);

	return stats_number(text, "packets");
}

static void flood_init(struct flood *f, const struct options *o, const struct net_address *target)
{
	int size = (int)o->size;

	f->fd = target_connect(target, SOCK_DGRAM);
	if (f->fd < 0)
		fail("flood: %s", err_reason(f->fd));
	f->gso = o->gso;
	f->size = MIN(o->size, (uint32_t)SEND_MAX);
	f->batch = MIN(SEND_MAX / f->size, (size_t)BATCH);
	if (o->gso && setsockopt(f->fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)) < 0)
		fail("--gso: %s", err_reason(-errno));
}

int load_flood(const struct options *o)
{
	struct flood f = { 0 };
	struct net_address target;
	uint64_t first, last, sent;
	int64_t begin, time;

	if (!o->target || !o->server)
		fail("flood: needs a target, and --server for what arrived");
	target = target_parse(o->target);
	flood_init(&f, o, &target);

	send_for(&f, WARM_NS);
	first = arrived(o);
	begin = now_ns();
	sent = f.sent;
	send_for(&f, o->seconds_ns);
	last = arrived(o);
	time = now_ns() - begin;
	printf("{\"mode\": \"flood\", \"size\": %zu, \"gso\": %s, \"sent_per_s\": %.1f, "
	       "\"per_s\": %.1f, \"errors\": 0}\n",
	       f.size, f.gso ? "true" : "false", (double)(f.sent - sent) * 1e9 / (double)time,
	       (double)(last - first) * 1e9 / (double)time);
	close_descriptor(&f.fd);
	return 0;
}
