/* SPDX-License-Identifier: MIT */
/* udp: peers with a socket each, one packet on its way per peer, sent again if it was lost.  They
 * come one after another, or (storm) all at once; when each has had an answer, all go on. */

#include "load.h"
#include "loop.h"
#include "samples.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACKET_MAX = 65507, PACKET_MIN = 16, LOST_MS = 200, TICK_MS = 20 };

struct udp {
	struct loop loop;
	struct samples samples;
	struct peer *peers;
	struct net_address target;
	size_t count;
	size_t begun;
	size_t size;
	size_t left;
	size_t cold; /* peers without an answer yet */
	int64_t length;
	int64_t begin;
	int64_t end;
	uint64_t lost;
	uint64_t wrong;
	uint64_t foreign; /* answers to another peer */
	bool pause;
};

struct peer {
	struct watch watch;
	struct udp *udp;
	uint32_t number; /* of the packet that is on its way */
	int64_t sent_at; /* 0: nothing is on its way */
	bool warm;
	bool done;
};

static void ready(struct watch *watch, uint32_t events);

/* A first byte that is not 0 asks for an answer.  Who asks is in it, too: an answer must not come
 * to somebody else. */
static void make_packet(const struct peer *p, uint8_t *packet)
{
	uint32_t peer = (uint32_t)(p - p->udp->peers);

	memset(packet, 'u', p->udp->size);
	memcpy(packet + 1, &p->number, sizeof(p->number));
	memcpy(packet + 5, &peer, sizeof(peer));
}

static void send_packet(struct peer *p)
{
	uint8_t packet[PACKET_MAX];

	make_packet(p, packet);
	p->sent_at = now_ns();
	(void)send(p->watch.fd, packet, p->udp->size, MSG_NOSIGNAL);
}

static void leave(struct peer *p)
{
	p->done = true;
	p->udp->left--;
	p->udp->loop.stop = p->udp->left == 0;
}

/* Whoever measures the relay begins now. */
static void pause_for_line(void)
{
	printf("{\"mode\": \"udp\", \"phase\": \"open\", \"errors\": 0}\n");
	(void)fflush(stdout);
	wait_for_line();
}

static void begin_peer(struct udp *u)
{
	struct peer *p = &u->peers[u->begun++];

	p->udp = u;
	p->watch.ready = ready;
	p->watch.fd = target_connect(&u->target, SOCK_DGRAM);
	if (p->watch.fd < 0)
		fail("udp: %s", err_reason(p->watch.fd));
	loop_add(&u->loop, &p->watch, EPOLLIN | EPOLLET);
	send_packet(p);
}

/* Each peer has an answer: now all go. */
static void begin_all(struct udp *u)
{
	size_t i;

	if (u->pause)
		pause_for_line();
	u->begin = now_ns();
	u->end = u->begin + u->length;
	for (i = 0; i < u->count; i++)
		send_packet(&u->peers[i]);
}

static void warm(struct peer *p)
{
	struct udp *u = p->udp;

	p->warm = true;
	p->number++;
	p->sent_at = 0;
	u->cold--;
	if (u->begun < u->count)
		begin_peer(u);
	else if (u->cold == 0)
		begin_all(u);
}

static void answered(struct peer *p)
{
	struct udp *u = p->udp;
	int64_t now = now_ns();

	if (!p->warm)
		return warm(p);
	if (now > u->end)
		return leave(p);

	samples_add(&u->samples, now - p->sent_at);
	p->number++;
	send_packet(p);
}

/* An answer to a packet that was sent again is too late, but not wrong. */
static void ready(struct watch *watch, uint32_t events)
{
	static uint8_t expected[PACKET_MAX], packet[PACKET_MAX];
	struct peer *p = (struct peer *)watch;
	uint32_t number;
	bool foreign;
	ssize_t n;

	(void)events;
	while (!p->done &&
	       ((n = recv(watch->fd, packet, sizeof(packet), 0)) >= 0 || errno == ECONNREFUSED)) {
		if (n < 0)
			continue;

		make_packet(p, expected);
		memcpy(&number, packet + 1, sizeof(number));
		foreign = memcmp(packet + 5, expected + 5, sizeof(uint32_t)) != 0;
		if ((size_t)n == p->udp->size && memcmp(packet, expected, (size_t)n) == 0)
			answered(p);
		else if (!foreign)
			p->udp->wrong += number >= p->number || (size_t)n != p->udp->size;
		p->udp->foreign += foreign;
	}
}

static void tick(void *arg)
{
	struct udp *u = arg;
	int64_t now = now_ns();
	size_t i;

	for (i = 0; i < u->begun; i++) {
		struct peer *p = &u->peers[i];

		if (p->done || !p->sent_at || now - p->sent_at < LOST_MS * NS_PER_MS)
			continue;
		u->lost++;
		if (u->begin && now > u->end)
			leave(p);
		else
			send_packet(p);
	}
}

static void report(struct udp *u)
{
	double seconds = (double)u->length / 1e9;

	printf("{\"mode\": \"udp\", \"connections\": %zu, \"size\": %zu, \"rounds\": %zu, "
	       "\"per_s\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"lost\": %" PRIu64
	       ", \"foreign\": %" PRIu64 ", \"errors\": %" PRIu64 "}\n",
	       u->count, u->size, u->samples.count, (double)u->samples.count / seconds,
	       samples_percentile(&u->samples, 50), samples_percentile(&u->samples, 99), u->lost,
	       u->foreign, u->wrong);
}

int load_udp(const struct options *o)
{
	struct udp u = { .count = o->connections,
			 .cold = o->connections,
			 .left = o->connections,
			 .size = MAX(MIN(o->size, (uint32_t)PACKET_MAX), (uint32_t)PACKET_MIN),
			 .length = o->seconds_ns,
			 .pause = o->pause };
	size_t i;

	if (!o->target)
		fail("udp: no target");
	u.target = target_parse(o->target);
	loop_init(&u.loop);
	u.loop.tick_ns = TICK_MS * NS_PER_MS;
	u.loop.tick = tick;
	u.loop.arg = &u;
	u.peers = mem_new(u.count, sizeof(*u.peers));
	for (i = 0; i < (o->storm ? u.count : 1); i++)
		begin_peer(&u);
	loop_run(&u.loop);
	report(&u);

	for (i = 0; i < u.count; i++)
		close(u.peers[i].watch.fd);
	free(u.peers);
	samples_done(&u.samples);
	loop_done(&u.loop);
	return u.wrong > 0;
}
