/* SPDX-License-Identifier: MIT */
/*
 * The pump of nc.
 *
 * Theory of operation.  Four ends and two buffers:
 *
 *	IN  (stdin)  --> to_net --> NW (socket, writing)
 *	OUT (stdout) <-- to_out <-- NR (socket, reading)
 *
 * An end is there or gone, and never comes back.  nc_ends.c decides, and is
 * the only place that decides, when an end is gone:
 *
 *	IN	at its end or broken, or when NW is gone
 *	NW	broken, or when IN is gone and to_net is empty (with -N the peer is
 *		told by a shutdown; without it the socket just stays quiet)
 *	NR	at its end or broken, or when OUT is gone, or after -W receives
 *	OUT	broken, or when NR is gone and to_out is empty
 *
 * The relay is over when
 *
 *	1. IN and NR are gone and both buffers are empty, or
 *	2. NW and OUT are gone, or
 *	3. we listen, NR is gone and both buffers are empty - even if stdin is
 *	   still open: a server ends with its client;
 *	4. -w: nothing has happened on any end for so long;
 *	5. -q: so much time has passed since all of stdin was sent.
 *
 * No direction ever waits for the other: sockets are used with MSG_DONTWAIT,
 * and stdout, which may be a blocking pipe shared with others, is written as
 * nc_output.h tells.  An end whose buffer is full is not polled; an end that
 * just has nothing to write is, without events, so that its hang-up is seen.
 */

#include "tool/nc_relay.h"

#include "base/clock.h"
#include "task/signals.h"
#include "tool/nc_ends.h"
#include "tool/nc_output.h"
#include "tool/nc_queue.h"
#include "tool/nc_text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	UDP4_MAX = 65507, /* what fits behind the headers of the two families */
	UDP6_MAX = 65527,
	POLL_SIGNALS = NC_ENDS,
	POLLS,
};

struct relay {
	const struct nc_session *s;
	struct nc_ends ends;
	struct nc_queue to_net, to_out, answers;
	uint8_t raw[NC_QUEUE_SIZE / 2]; /* -C: what was read, before it grows */
	size_t datagram_max;
	enum nc_output output;
	bool after_cr;		   /* -C between two reads */
	enum nc_telnet telnet;	   /* -t between two reads */
	bool out_broken;	   /* OUT is gone, and not because we are done with it */
	bool only_drain;	   /* the socket reported an error: take what is queued, then go */
	long long received;	   /* -W */
	struct net_address sender; /* any_sender: whom to answer; len 0: nobody */
	int64_t active_at;	   /* -w counts from here */
	int64_t rest_until;	   /* -i; 0: no pause */
	int64_t quit_at;	   /* -q; CLOCK_NEVER: not counting */
};

#define auto_relay __attribute__((__cleanup__(relay_free))) struct relay

static void relay_free(struct relay **r)
{
	free(*r);
}

static bool is_passing(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

static size_t datagram_limit(const struct nc_session *s)
{
	struct net_address local;

	if (net_address_local(s->fd, &local) < 0)
		return NC_QUEUE_SIZE;
	if (local.any.sa_family == AF_INET)
		return UDP4_MAX;
	return local.any.sa_family == AF_INET6 ? UDP6_MAX : NC_QUEUE_SIZE;
}

static struct relay *relay_new(const struct nc_session *s)
{
	struct relay *r = new_object(struct relay);

	r->s = s;
	r->ends.listening = s->listening;
	r->ends.shut_at_eof = s->shut_at_eof;
	r->ends.gone[NC_IN] = s->no_stdin;
	r->datagram_max = datagram_limit(s);
	r->active_at = clock_now();
	r->quit_at = CLOCK_NEVER;
	r->output = nc_output_kind();
	return r;
}

/* Tells the rules what the buffers hold, and the socket what the rules say. */
static void shut(struct relay *r, unsigned int actions)
{
	if (r->s->datagrams)
		return; /* there is no end to tell */
	if (actions & NC_SHUT_WRITE)
		(void)shutdown(r->s->fd, SHUT_WR);
	if (actions & NC_SHUT_READ)
		(void)shutdown(r->s->fd, SHUT_RD);
}

static void settle(struct relay *r)
{
	bool writing = !r->ends.gone[NC_NW];

	r->ends.to_net = nc_queue_waiting(&r->to_net);
	r->ends.to_out = nc_queue_waiting(&r->to_out);
	r->ends.resting = r->rest_until != 0;
	shut(r, nc_ends_settle(&r->ends));

	if (writing && r->ends.gone[NC_NW] && !r->s->no_stdin)
		r->quit_at = clock_after(r->s->quit_us);
}

/* Reading standard input. */

static ssize_t read_lines(struct relay *r)
{
	struct nc_queue *q = &r->to_net;
	ssize_t n = read(STDIN_FILENO, r->raw, sizeof(r->raw));

	if (n > 0)
		nc_queue_added(q, nc_text_crlf(&r->after_cr, r->raw, (size_t)n, nc_queue_tail(q)));
	return n;
}

static ssize_t read_bytes(struct relay *r, size_t room)
{
	struct nc_queue *q = &r->to_net;
	ssize_t n = read(STDIN_FILENO, nc_queue_tail(q),
			 r->s->datagrams ? MIN(room, r->datagram_max) : room);

	if (n > 0)
		nc_queue_added(q, (size_t)n);
	return n;
}

static void read_in(struct relay *r)
{
	size_t room = nc_queue_make_room(&r->to_net);
	ssize_t n = r->s->crlf ? read_lines(r) : read_bytes(r, room);

	if (n <= 0 && !is_passing(n))
		r->ends.gone[NC_IN] = true;
}

/* Writing to the network. */

/* How much goes out at once: a line, a datagram, or everything. */
static size_t next_unit(const struct relay *r)
{
	const struct nc_queue *q = &r->to_net;
	size_t len = nc_queue_waiting(q);

	if (r->s->crlf || r->s->interval_us)
		len = nc_text_line(nc_queue_head(q), len);
	return r->s->datagrams ? MIN(len, r->datagram_max) : len;
}

static ssize_t send_unit(struct relay *r, const void *data, size_t len)
{
	const struct net_address *to = r->s->any_sender ? &r->sender : NULL;

	return sendto(r->s->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL, to ? &to->any : NULL,
		      to ? to->len : 0);
}

static void write_net(struct relay *r)
{
	struct nc_queue *q = &r->to_net;
	size_t len = next_unit(r);
	ssize_t n;

	n = send_unit(r, nc_queue_head(q), len);
	if (is_passing(n))
		return;
	if (n < 0 && !r->s->any_sender) {
		r->ends.gone[NC_NW] = true;
		return;
	}
	if (n < 0) {
		r->sender.len = 0; /* this one has left; the next sender may answer */
		n = (ssize_t)len;
	}
	nc_queue_taken(q, (size_t)n);
	if (r->s->interval_us && (size_t)n == len)
		r->rest_until = clock_after(r->s->interval_us);
}

/* Reading from the network. */

static int send_answers(struct relay *r, struct err *err)
{
	struct nc_queue *q = &r->answers;
	ssize_t n;

	n = send_unit(r, nc_queue_head(q), nc_queue_waiting(q));
	if (is_passing(n))
		return 0;
	if (n < 0 && r->s->any_sender)
		n = (ssize_t)nc_queue_waiting(q); /* one of many, who has no name or has left */
	if (n < 0)
		return err_set(err, -errno, "Write Error!: %s", err_reason(-errno));
	nc_queue_taken(q, (size_t)n);
	return 0;
}

/* An answer is as long as its question, but a question may have begun in the
 * receive before: read_net() leaves two bytes for that. */
static int answer_telnet(struct relay *r, const uint8_t *data, size_t len, struct err *err)
{
	struct nc_queue *q = &r->answers;

	(void)nc_queue_make_room(q);
	nc_queue_added(q, nc_text_telnet(&r->telnet, data, len, nc_queue_tail(q)));
	return nc_queue_waiting(q) ? send_answers(r, err) : 0;
}

static ssize_t receive(struct relay *r, void *data, size_t room)
{
	struct net_address from = { .len = sizeof(from.storage) };
	ssize_t n;

	if (!r->s->any_sender)
		return recv(r->s->fd, data, room, MSG_DONTWAIT);

	n = recvfrom(r->s->fd, data, room, MSG_DONTWAIT, &from.any, &from.len);
	if (n < 0 || from.len <= sizeof(sa_family_t)) /* nameless: nobody to answer */
		return n;
	if (r->s->on_sender && (r->sender.len == 0 || !net_address_equal(&from, &r->sender)))
		r->s->on_sender(r->s, &from);
	r->sender = from;
	return n;
}

/* A datagram socket reports that a peer is gone before it gives out what is
 * still queued; so after an error the queue is emptied first. */
static void receive_failed(struct relay *r, ssize_t n)
{
	if (n < 0 && r->s->datagrams && !r->only_drain) {
		r->only_drain = true;
		return;
	}
	r->ends.gone[NC_NR] = true;
	if (n == 0)
		shut(r, NC_SHUT_READ);
}

static int read_net(struct relay *r, struct err *err)
{
	struct nc_queue *q = &r->to_out;
	size_t room = nc_queue_make_room(q);
	ssize_t n;

	if (r->s->telnet)
		room = MIN(room, (size_t)NC_QUEUE_SIZE - 2);
	n = receive(r, nc_queue_tail(q), room);
	if (is_passing(n) && !r->only_drain)
		return 0;
	if (n <= 0) {
		receive_failed(r, n);
		return 0;
	}
	nc_queue_added(q, (size_t)n);
	if (r->s->receive_limit && ++r->received >= r->s->receive_limit) {
		r->ends.gone[NC_NR] = r->ends.gone[NC_IN] = true;
		shut(r, NC_SHUT_READ);
	}
	return r->s->telnet ? answer_telnet(r, nc_queue_tail(q) - n, (size_t)n, err) : 0;
}

/* Writing standard output. */

static void write_out(struct relay *r)
{
	struct nc_queue *q = &r->to_out;
	ssize_t n = nc_output_write(&r->output, q->data + q->start, nc_queue_waiting(q));

	if (is_passing(n))
		return;
	if (n < 0)
		r->ends.gone[NC_OUT] = true;
	else
		nc_queue_taken(q, (size_t)n);
}

/* Waiting. */

static bool wants_net_write(const struct relay *r)
{
	if (nc_queue_waiting(&r->answers))
		return true;
	return nc_queue_waiting(&r->to_net) && !r->rest_until &&
	       !(r->s->any_sender && r->sender.len == 0);
}

/* A datagram is taken only into an empty buffer, so none is ever cut. */
static bool wants_net_read(const struct relay *r)
{
	if (nc_queue_waiting(&r->answers))
		return false;
	return r->s->datagrams ? !nc_queue_waiting(&r->to_out) : !nc_queue_is_full(&r->to_out);
}

static bool wants_input(const struct relay *r)
{
	return r->s->datagrams || r->s->crlf ? !nc_queue_waiting(&r->to_net)
					     : !nc_queue_is_full(&r->to_net);
}

static void prepare(const struct relay *r, struct pollfd p[POLLS])
{
	const bool *gone = r->ends.gone;
	bool answers = nc_queue_waiting(&r->answers) > 0;

	p[NC_IN].fd = !gone[NC_IN] && wants_input(r) ? STDIN_FILENO : -1;
	p[NC_IN].events = POLLIN;
	p[NC_NW].fd = !gone[NC_NW] || answers ? r->s->fd : -1;
	p[NC_NW].events = wants_net_write(r) ? POLLOUT : 0;
	p[NC_NR].fd = !gone[NC_NR] && wants_net_read(r) ? r->s->fd : -1;
	p[NC_NR].events = POLLIN;
	p[NC_OUT].fd = gone[NC_OUT] ? -1 : STDOUT_FILENO;
	p[NC_OUT].events = nc_queue_waiting(&r->to_out) ? POLLOUT : 0;
	p[POLL_SIGNALS].fd = signals_fd();
	p[POLL_SIGNALS].events = POLLIN;
}

static int64_t silence_at(const struct relay *r)
{
	int64_t from = MAX(r->active_at, r->rest_until);

	return r->s->timeout_us < 0 ? CLOCK_NEVER : from + r->s->timeout_us;
}

static int64_t wake_at(const struct relay *r)
{
	int64_t moment = MIN(silence_at(r), r->quit_at);

	if (r->only_drain && !r->ends.gone[NC_NR] && wants_net_read(r))
		return 0;
	return r->rest_until ? MIN(moment, r->rest_until) : moment;
}

/* How many of the four ends have something to say; 0 when the time for which
 * it waits has come; -ECANCELED. */
static int wait_for_events(struct relay *r, struct pollfd p[POLLS])
{
	int n;

	prepare(r, p);
	n = poll(p, POLLS, clock_poll_timeout(wake_at(r)));
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n < 0)
		memset(p, 0, POLLS * sizeof(*p));
	if (n > 0 && p[POLL_SIGNALS].revents) {
		signals_collect();
		n--;
	}
	if (signals_ending())
		return -ECANCELED;
	return MAX(n, 0);
}

static int handle(struct relay *r, const struct pollfd p[POLLS], struct err *err)
{
	bool out_was_gone = r->ends.gone[NC_OUT];
	short events[NC_ENDS];
	int result = 0;

	for (size_t i = 0; i < NC_ENDS; i++)
		events[i] = p[i].revents;
	shut(r, nc_ends_trouble(&r->ends, events));

	if (events[NC_IN] && !r->ends.gone[NC_IN])
		read_in(r);
	if (events[NC_NW] & POLLOUT && nc_queue_waiting(&r->answers))
		result = send_answers(r, err);
	else if (events[NC_NW] & POLLOUT && !r->ends.gone[NC_NW])
		write_net(r);
	if (result == 0 && (events[NC_NR] || r->only_drain) && !r->ends.gone[NC_NR] &&
	    wants_net_read(r))
		result = read_net(r, err);
	if (events[NC_OUT] & POLLOUT && !r->ends.gone[NC_OUT])
		write_out(r);
	r->out_broken |= r->ends.gone[NC_OUT] && !out_was_gone;
	return result;
}

/* Gives stdout what it takes without waiting. */
static void flush_ready(struct relay *r)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (nc_queue_waiting(&r->to_out) && !r->ends.gone[NC_OUT] && poll(&p, 1, 0) > 0 &&
	       p.revents == POLLOUT)
		write_out(r);
}

/* One wait and what follows from it.  RELAY_GOES_ON, an nc_relay_end when a
 * clock ran out, or negative. */
enum { RELAY_GOES_ON = NC_RELAY_NO_OUT + 1 };

static int step(struct relay *r, struct err *err)
{
	bool last = r->quit_at <= clock_now(), rested;
	struct pollfd p[POLLS] = { 0 };
	int n, result;

	n = wait_for_events(r, p);
	if (n < 0)
		return n;
	if (n > 0)
		r->active_at = clock_now();
	else if (silence_at(r) <= clock_now())
		return NC_RELAY_OVER;
	rested = r->rest_until && r->rest_until <= clock_now();
	if (rested)
		r->rest_until = 0;

	result = handle(r, p, err);
	if (result < 0)
		return result;
	if (last) {
		flush_ready(r);
		return NC_RELAY_QUIT;
	}
	if (n > 0 || rested || r->only_drain)
		settle(r);
	return RELAY_GOES_ON;
}

int nc_relay(const struct nc_session *session, struct err *err)
{
	auto_relay *r = relay_new(session);
	int result = RELAY_GOES_ON;

	while (result == RELAY_GOES_ON && !nc_ends_done(&r->ends))
		result = step(r, err);
	if (result != RELAY_GOES_ON)
		return result;
	if (r->quit_at != CLOCK_NEVER && session->listening)
		return NC_RELAY_QUIT;
	return r->out_broken ? NC_RELAY_NO_OUT : NC_RELAY_OVER;
}
