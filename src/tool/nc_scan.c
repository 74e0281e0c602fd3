/* SPDX-License-Identifier: MIT */
/* Many probes at once, told in order; see nc_scan.h. */

#include "tool/nc_scan.h"

#include "base/clock.h"
#include "net/resolve.h"
#include "task/signals.h"
#include "task/task.h"
#include "tool/nc_dial.h"
#include "tool/nc_lanes.h"
#include "tool/nc_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	STREAMS_AT_ONCE = 256,
	DATAGRAMS_AT_ONCE = 16, /* hosts send few ICMP errors per second */
	EVENTS = 64,
	PORTS_PER_LANE = 2048, /* fewer take less time than a thread is worth */
	WORDS = 65536,	       /* bytes that are told at once */
	NOT_TRIED = 1,	       /* as a reason; else 0 or negative */
};

/* A probe, and which port and address it is about. */
struct slot {
	struct nc_probe probe;
	size_t port, address;
	bool busy, watched;
};

struct scan {
	struct nc_place place; /* a copy, whose words are collected */
	const struct nc_ports *ports;
	struct net_addresses addresses;
	int *reasons;		    /* [port][address] */
	enum nc_port_state *states; /* [port]; NC_PORT_STATES: not known yet */
	struct slot *slots;
	size_t n_slots;
	atomic_size_t next; /* port to begin with; taken by several threads */
	size_t told;	    /* port to tell about */
	size_t n_open;
	enum nc_port_state last;
	int epoll;
};

static void scan_done(struct scan *s)
{
	for (size_t i = 0; i < s->n_slots; i++)
		nc_probe_close(&s->slots[i].probe);
	if (s->epoll >= 0)
		(void)close(s->epoll);
	if (s->place.words)
		(void)fclose(s->place.words);
	net_addresses_done(&s->addresses);
	free(s->reasons);
	free(s->states);
	free(s->slots);
}

#define auto_scan __attribute__((__cleanup__(scan_done))) struct scan

static int *reason_of(const struct scan *s, size_t port, size_t address)
{
	return &s->reasons[port * s->addresses.n + address];
}

/* Telling. */

static void tell_port(struct scan *s, size_t port)
{
	const struct nc_observer *observer = s->place.observer;
	enum nc_port_state state = s->states[port];
	uint16_t number = s->ports->items[port];

	for (size_t i = 0; i < s->addresses.n; i++) {
		struct net_address to = s->addresses.items[i];
		int reason = *reason_of(s, port, i);

		net_address_set_port(&to, number);
		if (reason < 0 && observer->failed &&
		    !(s->place.datagram && state == NC_PORT_CLOSED))
			observer->failed(&s->place, &to, reason);
		if (reason == 0 && state <= NC_PORT_SILENT && observer->connected)
			observer->connected(&s->place, &to, number);
	}
	if (observer->scanned)
		observer->scanned(&s->place, number, state);
}

static void tell(struct scan *s)
{
	for (; s->told < s->ports->n && s->states[s->told] != NC_PORT_STATES; s->told++) {
		enum nc_port_state state = s->states[s->told];

		if (s->place.observer)
			tell_port(s, s->told);
		s->n_open += state <= NC_PORT_SILENT;
		if (state != NC_PORT_FAILED)
			s->last = state;
	}
	if (s->place.words)
		(void)fflush(s->place.words);
}

/* Probing. */

/* A port is done with its first address that answers, or with its last. */
static bool is_last_word(const struct scan *s, const struct slot *slot)
{
	return slot->probe.state <= NC_PORT_SILENT || slot->address + 1 == s->addresses.n ||
	       (s->place.datagram && slot->probe.state == NC_PORT_CLOSED);
}

/* Notes what came out, and begins with the next address or port, as long as there is
 * one and it does not have to be waited for.  0 or negative. */
static int advance(struct scan *s, struct slot *slot, int step, struct err *err)
{
	while (step == NC_PROBE_DONE && !signals_ending()) {
		if (slot->busy) {
			*reason_of(s, slot->port, slot->address) =
				slot->probe.reason || slot->probe.state != NC_PORT_FAILED
					? slot->probe.reason
					: NOT_TRIED;
			slot->busy = !is_last_word(s, slot);
			slot->address++;
			if (!slot->busy)
				s->states[slot->port] = slot->probe.state;
		}
		if (!slot->busy) {
			slot->port = atomic_fetch_add(&s->next, 1);
			if (slot->port >= s->ports->n)
				return 0;
			slot->busy = true;
			slot->address = 0;
		}
		slot->probe.to = s->addresses.items[slot->address];
		net_address_set_port(&slot->probe.to, s->ports->items[slot->port]);
		step = nc_probe_start(&slot->probe, err);
	}
	return MIN(step, 0);
}

static int watch(struct scan *s, struct slot *slot)
{
	struct epoll_event event = {
		.events = (s->place.datagram ? EPOLLIN : EPOLLOUT) | EPOLLET,
		.data = { .ptr = slot },
	};

	/* A descriptor that was closed has left by itself; one that is used again stays. */
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, slot->probe.fd, &event) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

static int go_on(struct scan *s, struct slot *slot, struct err *err)
{
	int step = slot->busy ? nc_probe_go_on(&slot->probe) : NC_PROBE_DONE;
	int r = 0;

	if (step == NC_PROBE_DONE)
		r = advance(s, slot, step, err);
	if (r == 0 && slot->busy && !signals_ending())
		r = watch(s, slot);
	return r;
}

/* Those that something happened to, and those whose moment has come. */
static int go_on_all(struct scan *s, struct err *err)
{
	struct epoll_event events[EVENTS];
	int64_t now = clock_now();
	int n = epoll_wait(s->epoll, events, EVENTS, 0);
	int r = 0;

	for (int i = 0; i < n && r == 0; i++)
		r = go_on(s, events[i].data.ptr, err);
	for (size_t i = 0; i < s->n_slots && r == 0; i++)
		if (s->slots[i].busy && s->slots[i].probe.moment <= now)
			r = go_on(s, &s->slots[i], err);
	return r;
}

static int wait_for_some(const struct scan *s)
{
	int64_t moment = CLOCK_NEVER, before;
	int r;

	for (size_t i = 0; i < s->n_slots; i++)
		if (s->slots[i].busy)
			moment = MIN(moment, s->slots[i].probe.moment);
	before = task_deadline(moment);
	r = task_wait(s->epoll, POLLIN);
	(void)task_deadline(before);
	return r == -ETIMEDOUT ? 0 : r;
}

static bool is_busy(const struct scan *s)
{
	for (size_t i = 0; i < s->n_slots; i++)
		if (s->slots[i].busy)
			return true;
	return false;
}

/* The first round, in which nobody waits: ports of this host are done after it. */
struct round {
	struct scan *scan;
	size_t n_lanes;
	struct lane_end {
		int r;
		struct err err;
	} * ends; /* [n_lanes] */
};

static void run_lane(void *context, size_t lane)
{
	const struct round *round = context;
	struct lane_end *end = &round->ends[lane];
	struct scan *s = round->scan;

	for (size_t i = lane; i < s->n_slots && end->r == 0 && s->next < s->ports->n;
	     i += round->n_lanes)
		end->r = go_on(s, &s->slots[i], &end->err);
}

static int first_round(struct scan *s, struct err *err)
{
	size_t n = s->place.source ? 1 /* it is looked up, which waits */
				   : nc_lanes_for(s->ports->n, PORTS_PER_LANE);
	struct round round = { s, n, mem_new(n, sizeof(*round.ends)) };
	int r = 0;

	nc_lanes_run(n, run_lane, &round);
	for (size_t i = 0; i < n && r == 0; i++) {
		r = round.ends[i].r;
		if (r < 0)
			*err = round.ends[i].err;
	}
	free(round.ends);
	return r;
}

static int run(struct scan *s, struct err *err)
{
	int r = first_round(s, err);

	tell(s);
	while (r == 0 && is_busy(s) && !signals_ending()) {
		r = wait_for_some(s);
		if (r == 0)
			r = go_on_all(s, err);
		tell(s);
	}
	return signals_ending() ? -ECANCELED : r;
}

static size_t slots_for(const struct nc_place *place)
{
	if (place->source_port)
		return 1; /* it can be bound once only */
	return place->datagram ? DATAGRAMS_AT_ONCE : STREAMS_AT_ONCE;
}

/* Standard error, but many lines at a time. */
static FILE *collected_words(void)
{
	auto_close int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	FILE *words = fd < 0 ? NULL : fdopen(fd, "w");

	if (words) {
		(void)take_fd(&fd);
		(void)setvbuf(words, NULL, _IOFBF, WORDS);
	}
	return words;
}

static void prepare(struct scan *s)
{
	s->reasons = mem_new(s->ports->n * s->addresses.n, sizeof(*s->reasons));
	for (size_t i = 0; i < s->ports->n * s->addresses.n; i++)
		s->reasons[i] = NOT_TRIED;
	s->states = mem_new(s->ports->n, sizeof(*s->states));
	for (size_t i = 0; i < s->ports->n; i++)
		s->states[i] = NC_PORT_STATES;
	s->n_slots = MIN(slots_for(&s->place), s->ports->n);
	s->slots = mem_new(s->n_slots, sizeof(*s->slots));
	for (size_t i = 0; i < s->n_slots; i++)
		s->slots[i] = (struct slot){ .probe = { .place = &s->place, .fd = -1 } };
}

int nc_scan(const struct nc_place *place, const struct nc_ports *ports, size_t *ret_open,
	    enum nc_port_state *ret_last, struct err *err)
{
	auto_scan s = { .place = *place, .ports = ports, .last = NC_PORT_CLOSED, .epoll = -1 };
	int r;

	r = nc_dial_resolve(place, ports->items[0], &s.addresses, err);
	if (r < 0)
		return r;
	s.place.words = collected_words();
	prepare(&s);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	r = s.epoll < 0 ? err_set(err, -errno, "epoll_create1: %s", err_reason(-errno))
			: run(&s, err);
	if (r < 0)
		return r;
	*ret_open = s.n_open;
	*ret_last = s.last;
	return 0;
}
