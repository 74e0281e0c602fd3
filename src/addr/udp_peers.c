/* SPDX-License-Identifier: MIT */
/* Peers of a UDP listener; see udp_peers.h. */

#include "addr/udp_peers.h"

#include "base/clock.h"
#include "base/log.h"
#include "task/loop.h"
#include "task/task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
	BUCKETS = 64,		   /* at first */
	WAITING_MAX = 1024 * 1024, /* bytes of strangers' packets; more stays in the socket */
	PUT_BACK_MAX = 256 * 1024, /* bytes for one peer; more is lost, as in a full socket */
	COLLECT_MAX = 4096,	   /* packets at a time: others have something to do, too */
};

static const int64_t NS_PER_S = 1000000000;

static int64_t nanoseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * NS_PER_S + t->tv_nsec;
}

static void packets_free(struct link *packets)
{
	while (!list_is_empty(packets)) {
		struct udp_packet *packet = link_owner(packets->next, struct udp_packet, link);

		link_remove(&packet->link);
		free(packet);
	}
}

/* In the order of arrival.  Without times: after all others. */
static void insert(struct link *packets, struct udp_packet *packet)
{
	struct link *after = packets->previous;

	while (after != packets &&
	       link_owner(after, struct udp_packet, link)->time > packet->time && packet->time)
		after = after->previous;
	list_append(after->next, &packet->link);
}

static struct link *buckets_new(size_t n)
{
	struct link *buckets = mem_new(n, sizeof(*buckets));

	for (size_t i = 0; i < n; i++)
		list_init(&buckets[i]);
	return buckets;
}

struct udp_peers *udp_peers_new(int listening, const struct net_address *local)
{
	struct udp_peers *peers = new_object(struct udp_peers);

	peers->users = 1;
	peers->listening = listening;
	peers->owner = getpid();
	peers->local = *local;
	peers->buckets = buckets_new(BUCKETS);
	peers->n_buckets = BUCKETS;
	if (getrandom(&peers->key, sizeof(peers->key), 0) < 0)
		peers->key = (uint64_t)clock_now();
	list_init(&peers->waiting);
	peers->memory = mem_new(1, UDP_PACKET_MAX);
	return peers;
}

void udp_peers_end(struct udp_peers *peers)
{
	peers->listening = -1;
	udp_peers_release(peers);
}

void udp_peers_release(struct udp_peers *peers)
{
	if (!peers || --peers->users)
		return;
	packets_free(&peers->waiting);
	free(peers->buckets);
	free(peers->memory);
	free(peers);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static struct link *bucket_of(const struct udp_peers *peers, const struct net_address *a)
{
	uint64_t hash = mix(peers->key, (uint64_t)net_address_port(a)), host[2] = { 0 };

	if (a->any.sa_family == AF_INET6)
		memcpy(host, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	else
		memcpy(host, &a->in.sin_addr, sizeof(a->in.sin_addr));
	hash = mix(mix(hash, host[0]), host[1] ^ peers->key);
	return &peers->buckets[hash % peers->n_buckets];
}

static struct udp_peer *find(const struct udp_peers *peers, const struct net_address *a)
{
	struct link *bucket = bucket_of(peers, a);

	for (struct link *l = bucket->next; l != bucket; l = l->next) {
		struct udp_peer *peer = link_owner(l, struct udp_peer, link);

		if (net_address_equal(&peer->address, a))
			return peer;
	}
	return NULL;
}

static void grow(struct udp_peers *peers)
{
	struct link *old = peers->buckets;
	size_t n = peers->n_buckets;

	peers->n_buckets *= 2;
	peers->buckets = buckets_new(peers->n_buckets);
	for (size_t i = 0; i < n; i++) {
		while (!list_is_empty(&old[i])) {
			struct udp_peer *peer = link_owner(old[i].next, struct udp_peer, link);

			link_remove(&peer->link);
			list_append(bucket_of(peers, &peer->address), &peer->link);
		}
	}
	free(old);
}

static size_t weight(const struct udp_packet *packet)
{
	return sizeof(*packet) + packet->len;
}

/* His socket has the address of a group or of everybody, as the listening one has, and each
 * of them gets a copy from then on. */
static bool is_copy(const struct udp_peer *peer, const struct udp_packet *packet)
{
	return packet->to_many && peer->since && packet->time > peer->since &&
	       net_address_equal(&peer->local, &peer->peers->local);
}

static void give(struct udp_peer *peer, struct udp_packet *packet)
{
	if (peer->put_back_bytes + weight(packet) > PUT_BACK_MAX)
		return free(packet);
	peer->put_back_bytes += weight(packet);
	insert(&peer->packets, packet);
	if (peer->stream)
		stream_wake_reader(peer->stream);
}

/* To whom it belongs. */
static void sort_out(struct udp_peers *peers, struct udp_packet *packet)
{
	struct udp_peer *peer = find(peers, &packet->from);

	if (peer && is_copy(peer, packet))
		return free(packet);
	if (peer)
		return give(peer, packet);
	insert(&peers->waiting, packet);
	peers->waiting_bytes += weight(packet);
}

void udp_peers_collect(struct udp_peers *peers)
{
	struct udp_packet *packet;

	for (int i = 0; i < COLLECT_MAX && peers->waiting_bytes < WAITING_MAX; i++) {
		packet = udp_packet_receive(peers->listening, &peers->local, 0, peers->memory);
		if (!packet)
			return;
		sort_out(peers, packet);
	}
}

/* What is ready stays noted in the watch; a timer that rings only ends the turn. */
static void nothing_more_to_do(struct watch *watch)
{
	(void)watch;
}

static void turn_ends(struct timer *timer)
{
	(void)timer;
}

static int turn_until_packet(const struct udp_peers *peers, const struct watch *watch,
			     int64_t deadline)
{
	int r = 0;

	while (r == 0 && !(watch->ready & POLLIN) && list_is_empty(&peers->waiting)) {
		r = task_turn();
		if (r == 0 && clock_now() >= deadline)
			r = -ETIMEDOUT;
	}
	return r;
}

/* Where sessions have processes of their own, none hands anything in. */
int udp_peers_wait(struct udp_peers *peers)
{
	struct watch watch = { .fd = -1, .wake = nothing_more_to_do };
	struct timer timer = { .ring = turn_ends };
	int64_t deadline;
	int r;

	if (!loop_is_open())
		return task_wait(peers->listening, POLLIN);
	r = watch_open(&watch, peers->listening);
	if (r < 0)
		return r;
	deadline = task_deadline(CLOCK_NEVER);
	(void)task_deadline(deadline);
	timer_set(&timer, deadline);
	r = turn_until_packet(peers, &watch, deadline);
	timer_set(&timer, CLOCK_NEVER);
	watch_close(&watch);
	return r;
}

static struct udp_packet *take_waiting(struct udp_peers *peers, struct link *link)
{
	struct udp_packet *packet = link_owner(link, struct udp_packet, link);

	link_remove(link);
	peers->waiting_bytes -= weight(packet);
	return packet;
}

struct udp_packet *udp_peers_next(struct udp_peers *peers)
{
	return list_is_empty(&peers->waiting) ? NULL : take_waiting(peers, peers->waiting.next);
}

void udp_peers_put_back(struct udp_peers *peers, struct udp_packet *packet)
{
	list_append(peers->waiting.next, &packet->link);
	peers->waiting_bytes += weight(packet);
}

static void take_what_waits(struct udp_peer *peer)
{
	struct udp_peers *peers = peer->peers;
	struct link *l = peers->waiting.next, *next;

	for (; l != &peers->waiting; l = next) {
		next = l->next;
		if (net_address_equal(&link_owner(l, struct udp_packet, link)->from,
				      &peer->address))
			give(peer, take_waiting(peers, l));
	}
}

struct udp_peer *udp_peer_new(struct udp_peers *peers, struct udp_packet *packet)
{
	struct udp_peer *peer = new_object(struct udp_peer);

	if (++peers->n_peers > peers->n_buckets)
		grow(peers);
	peer->peers = peers;
	peers->users++;
	peer->address = packet->from;
	list_init(&peer->packets);
	list_append(bucket_of(peers, &peer->address), &peer->link);
	give(peer, packet);
	take_what_waits(peer);
	return peer;
}

static int64_t time_now(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_REALTIME, &now) < 0 ? 0 : nanoseconds(&now);
}

/* What his socket got before it was connected: no more than that, he may be fast.  Of what was
 * sent to many until then, the listening socket has a copy. */
static void collect_own(struct udp_peer *peer, int fd, int64_t connected)
{
	struct udp_packet *packet;
	bool goes_on = true;

	while (goes_on) {
		packet = udp_packet_receive(fd, &peer->local, 0, peer->peers->memory);
		if (!packet)
			return;
		goes_on = packet->time && packet->time < connected;
		if (packet->to_many && packet->time < connected)
			free(packet);
		else
			sort_out(peer->peers, packet);
	}
}

void udp_peer_begin(struct udp_peer *peer, int fd)
{
	int64_t connected = time_now();

	(void)net_address_local(fd, &peer->local);
	udp_peers_collect(peer->peers);
	collect_own(peer, fd, connected);
	udp_peers_collect(peer->peers); /* sent before those, but late */
	peer->since = connected;
}

struct udp_peer *udp_peer_free(struct udp_peer *peer)
{
	if (!peer)
		return NULL;
	link_remove(&peer->link);
	packets_free(&peer->packets);
	peer->peers->n_peers--;
	udp_peers_release(peer->peers);
	free(peer);
	return NULL;
}

static ssize_t read_put_back(struct udp_peer *peer, void *buf, size_t len)
{
	struct udp_packet *packet = link_owner(peer->packets.next, struct udp_packet, link);
	size_t n = MIN(len, packet->len); /* a packet is cut at len */

	memcpy(buf, packet->data, n);
	link_remove(&packet->link);
	peer->put_back_bytes -= weight(packet);
	free(packet);
	return (ssize_t)n;
}

/* A packet of somebody else that got here late, from another processor. */
static void pass_on(struct udp_peer *peer, const struct net_address *from, const void *data,
		    size_t len)
{
	sort_out(peer->peers, udp_packet_new(from, &peer->local, data, len));
}

static ssize_t read_own(struct stream *s, void *buf, size_t len)
{
	struct udp_peer *peer = s->state;
	struct net_address from;

	for (;;) {
		ssize_t n;

		from = (struct net_address){ .len = sizeof(from.storage) };
		n = recvfrom(s->rfd, buf, len, MSG_DONTWAIT, &from.any, &from.len);
		if (n >= 0 && !net_address_equal(&from, &peer->address))
			pass_on(peer, &from, buf, (size_t)n);
		else if (n >= 0 || errno != EINTR)
			return n < 0 ? -errno : n;
	}
}

/* Only the listener's process may read its socket. */
static void collect_late(struct udp_peers *peers)
{
	if (peers->listening >= 0 && peers->owner == getpid())
		udp_peers_collect(peers);
}

/* What he sent before his first packet here is queued by now, wherever that is. */
static ssize_t read_first(struct stream *s, void *buf, size_t len)
{
	struct udp_peer *peer = s->state;
	ssize_t n = read_own(s, buf, len);

	if (n < 0)
		return n;
	peer->reads_own = true;
	collect_late(peer->peers);
	if (list_is_empty(&peer->packets))
		return n;
	give(peer, udp_packet_new(&peer->address, &peer->local, buf, (size_t)n));
	return read_put_back(peer, buf, len);
}

static ssize_t peer_read(struct stream *s, void *buf, size_t len)
{
	struct udp_peer *peer = s->state;

	if (!list_is_empty(&peer->packets))
		return read_put_back(peer, buf, len);
	return peer->reads_own ? read_own(s, buf, len) : read_first(s, buf, len);
}

static ssize_t peer_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = send(s->wfd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static bool is_own(void *context, const struct net_run *run)
{
	struct udp_peer *peer = context;

	if (net_address_equal(&run->from, &peer->address))
		return true;
	for (size_t at = 0; at < MAX(run->len, (size_t)1); at += MAX(run->packet_size, (size_t)1))
		pass_on(peer, &run->from, run->data + at, MIN(run->packet_size, run->len - at));
	return false;
}

static int peer_receive(struct stream *s, struct net_batch *batch, size_t most)
{
	int r = net_batch_receive(s->rfd, batch, most);

	net_batch_keep(batch, is_own, s->state);
	return r;
}

static int peer_send(struct stream *s, struct net_batch *batch, bool *runs)
{
	return net_batch_send(s->wfd, batch, NULL, runs);
}

/* His first own packet is not for a batch. */
static bool peer_pending(const struct stream *s)
{
	const struct udp_peer *peer = s->state;

	return !peer->reads_own || !list_is_empty(&peer->packets);
}

static void peer_done(struct stream *s)
{
	s->state = udp_peer_free(s->state);
}

static const struct stream_ops peer_ops = {
	.read = peer_read,
	.write = peer_write,
	.pending = peer_pending,
	.done = peer_done,
	.receive = peer_receive,
	.send = peer_send,
};

void udp_peer_attach(struct udp_peer *peer, struct stream *s)
{
	s->ops = &peer_ops;
	s->state = peer;
	peer->stream = s;
}
