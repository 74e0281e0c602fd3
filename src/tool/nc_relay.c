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
 * stream/ does it.  An end whose buffer is full is not polled; an end that
 * just has nothing to write is, without events, so that its hang-up is seen.
 */

#include "tool/nc_relay.h"

#include "base/clock.h"
#include "task/signals.h"
#include "tool/nc_carry.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POLL_SIGNALS = NC_ENDS, POLLS };

struct relay {
	struct nc_carry carry;
	bool out_broken;   /* OUT is gone, and not because we are done with it */
	bool net_broken;   /* NW is gone by an error, while there was something to send */
	int64_t active_at; /* -w counts from here */
	int64_t quit_at;   /* -q; CLOCK_NEVER: not counting */
};

#define auto_relay __attribute__((__cleanup__(relay_free))) struct relay

static void relay_free(struct relay **r)
{
	nc_carry_done(&(*r)->carry);
	free(*r);
}

static struct relay *relay_new(const struct nc_session *s)
{
	struct relay *r = new_object(struct relay);

	nc_carry_init(&r->carry, s);
	r->active_at = clock_now();
	r->quit_at = CLOCK_NEVER;
	return r;
}

/* Tells the rules what the buffers hold, and the socket what the rules say. */
static void settle(struct relay *r)
{
	struct nc_carry *c = &r->carry;
	bool writing = !c->ends.gone[NC_NW];

	c->ends.to_net = nc_queue_waiting(&c->to_net) + c->bulk[NC_SENT].is_stalled;
	c->ends.to_out = nc_queue_waiting(&c->to_out);
	c->ends.resting = c->rest_until != 0;
	nc_carry_shut(c, nc_ends_settle(&c->ends));

	if (writing && c->ends.gone[NC_NW] && !c->s->no_input)
		r->quit_at = clock_after(c->s->quit_us);
}

/* Waiting. */

static struct pollfd local_poll(const struct nc_carry *c, enum nc_end end)
{
	if (c->s->local)
		return end == NC_IN ? stream_poll_read(c->s->local)
				    : stream_poll_write(c->s->local);
	return (struct pollfd){ .fd = end == NC_IN ? STDIN_FILENO : STDOUT_FILENO,
				.events = end == NC_IN ? POLLIN : POLLOUT };
}

/* An end whose buffer is full is not asked; one that has nothing to write is asked for
 * its hang-up only. */
static void prepare(const struct nc_carry *c, struct pollfd p[POLLS])
{
	const bool *gone = c->ends.gone;
	bool talks = nc_queue_waiting(&c->answers) > 0 || c->telling_end;

	p[NC_IN] = local_poll(c, NC_IN);
	p[NC_NW] = stream_poll_write(c->s->net);
	p[NC_NR] = stream_poll_read(c->s->net);
	p[NC_OUT] = local_poll(c, NC_OUT);
	p[POLL_SIGNALS] = (struct pollfd){ .fd = signals_fd(), .events = POLLIN };

	if (gone[NC_IN] || !nc_carry_wants_local(c))
		p[NC_IN].fd = -1;
	if (gone[NC_NW] && !talks)
		p[NC_NW].fd = -1;
	if (!nc_carry_wants_send(c))
		p[NC_NW].events = 0;
	if (gone[NC_NR] || !nc_carry_wants_net(c))
		p[NC_NR].fd = -1;
	if (gone[NC_OUT])
		p[NC_OUT].fd = -1;
	if (!nc_carry_wants_output(c))
		p[NC_OUT].events = 0;
}

static int64_t silence_at(const struct relay *r)
{
	const struct nc_session *s = r->carry.s;
	int64_t from = MAX(r->active_at, r->carry.rest_until);

	if (s->timeout_us < 0 || (s->timeout_after_input && !r->carry.ends.gone[NC_IN]))
		return CLOCK_NEVER;
	return from + s->timeout_us;
}

/* Is there something to read that poll(2) does not tell? */
static bool reads_at_once(const struct nc_carry *c)
{
	return !c->ends.gone[NC_NR] && nc_carry_wants_net(c) &&
	       (c->only_drain || stream_has_unread(c->s->net));
}

static int64_t wake_at(const struct relay *r)
{
	int64_t moment = MIN(silence_at(r), r->quit_at);

	if (reads_at_once(&r->carry))
		return 0;
	return MIN(moment, nc_carry_rest_until(&r->carry));
}

/* How many of the four ends have something to say; 0 when the time for which
 * it waits has come; -ECANCELED. */
static int wait_for_events(struct relay *r, struct pollfd p[POLLS])
{
	int n;

	prepare(&r->carry, p);
	n = poll(p, POLLS, clock_poll_timeout(wake_at(r)));
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n < 0)
		for (size_t i = 0; i < POLLS; i++)
			p[i].revents = 0;
	if (n > 0 && p[POLL_SIGNALS].revents) {
		signals_collect();
		n--;
	}
	if (signals_ending())
		return -ECANCELED;
	return MAX(n, 0);
}

/* A layer may have asked for the opposite event: what it asked for is what it needs. */
static short translate(const struct pollfd *p, short usual)
{
	if (p->events && p->revents & p->events)
		return (short)((p->revents & ~p->events) | usual);
	return p->revents;
}

/* Would it be a loss if nothing could be sent from now on?  Who ends with the peer asks the peer:
 * TLS may have sent a ticket, which was refused, behind the end that we have not read yet. */
static bool is_sending(const struct nc_carry *c, const short events[NC_ENDS])
{
	bool peer_tells = c->ends.listening && !c->ends.gone[NC_NR] && events[NC_NR] & POLLIN;

	if (c->ends.gone[NC_NW])
		return false;
	return c->ends.to_net || (!c->ends.gone[NC_IN] && !peer_tells);
}

static void note_trouble(struct relay *r, const struct pollfd p[POLLS], short events[NC_ENDS])
{
	static const short usual[NC_ENDS] = { POLLIN, POLLOUT, POLLIN, POLLOUT };
	struct nc_carry *c = &r->carry;
	bool sending;

	for (size_t i = 0; i < NC_ENDS; i++)
		events[i] = translate(&p[i], usual[i]);
	sending = is_sending(c, events);
	nc_carry_shut(c, nc_ends_trouble(&c->ends, events));
	if (sending && c->ends.gone[NC_NW] && events[NC_NW] & POLLERR)
		r->net_broken = true;
}

static int handle(struct relay *r, const struct pollfd p[POLLS], struct err *err)
{
	struct nc_carry *c = &r->carry;
	bool out_was_gone = c->ends.gone[NC_OUT];
	short events[NC_ENDS];
	int result = 0;

	note_trouble(r, p, events);
	if (events[NC_IN] && !c->ends.gone[NC_IN])
		nc_carry_read_local(c);
	if (events[NC_NW] & POLLOUT && nc_queue_waiting(&c->answers))
		result = nc_carry_send_answers(c, err);
	else if (events[NC_NW] & POLLOUT && !c->ends.gone[NC_NW])
		nc_carry_write_net(c);
	if (result == 0 && (events[NC_NR] || reads_at_once(c)) && !c->ends.gone[NC_NR] &&
	    nc_carry_wants_net(c))
		result = nc_carry_read_net(c, err);
	if (events[NC_OUT] & POLLOUT && !c->ends.gone[NC_OUT])
		nc_carry_write_local(c);
	r->out_broken |= c->ends.gone[NC_OUT] && !out_was_gone;
	return result;
}

/* Gives the local end what it takes without waiting. */
static void flush_ready(struct nc_carry *c)
{
	struct pollfd p = local_poll(c, NC_OUT);

	while (nc_queue_waiting(&c->to_out) && !c->ends.gone[NC_OUT] && poll(&p, 1, 0) > 0 &&
	       p.revents == POLLOUT)
		nc_carry_write_local(c);
}

/* One wait and what follows from it.  RELAY_GOES_ON, an nc_relay_end when a
 * clock ran out, or negative. */
enum { RELAY_GOES_ON = NC_RELAY_NO_OUT + 1 };

static int step(struct relay *r, struct err *err)
{
	struct nc_carry *c = &r->carry;
	bool last = r->quit_at <= clock_now(), at_once = reads_at_once(c), rested;
	struct pollfd p[POLLS] = { 0 };
	int n, result;

	n = wait_for_events(r, p);
	if (n < 0)
		return n;
	if (n > 0)
		r->active_at = clock_now();
	else if (silence_at(r) <= clock_now())
		return NC_RELAY_SILENT;
	rested = nc_carry_rested(c);

	result = handle(r, p, err);
	if (result < 0)
		return result;
	if (last) {
		flush_ready(c);
		return NC_RELAY_QUIT;
	}
	if (n > 0 || rested || at_once)
		settle(r);
	return RELAY_GOES_ON;
}

/* Bytes of standard input that nobody has read yet. */
static size_t input_waiting(void)
{
	struct stat st;
	off_t at;
	int queued = 0;

	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
		at = lseek(STDIN_FILENO, 0, SEEK_CUR);
		return at >= 0 && at < st.st_size ? (size_t)(st.st_size - at) : 0;
	}
	return ioctl(STDIN_FILENO, FIONREAD, &queued) == 0 ? (size_t)MAX(queued, 0) : 0;
}

/* Bytes that will never arrive, because a limit came first. */
static void warn_if_cut(const struct nc_carry *c)
{
	bool counted_out = c->s->receive_limit && c->received >= c->s->receive_limit;
	size_t unsent = c->ends.gone[NC_NW] ? 0 : nc_queue_waiting(&c->to_net);
	size_t unwritten = c->ends.gone[NC_OUT] ? 0 : nc_queue_waiting(&c->to_out);
	int queued = 0;

	if (!c->ends.gone[NC_IN] && !c->s->local && (unsent || c->bulk[NC_SENT].is_stalled))
		unsent += input_waiting();
	if (!c->s->no_output && (counted_out || !c->ends.gone[NC_NR]) &&
	    ioctl(c->s->net->rfd, FIONREAD, &queued) == 0)
		unwritten += (size_t)MAX(queued, 0);
	if (unsent || unwritten)
		fprintf(stderr, "%s: cut off: %zu bytes not sent, %zu bytes not written\n",
			c->s->place->program, unsent, unwritten);
}

/* Is the peer still to be told of the end, and does that take its time? */
static bool is_done(const struct nc_carry *c)
{
	return nc_ends_done(&c->ends) && !c->telling_end;
}

static int carry(struct relay *r, struct err *err)
{
	const struct nc_session *session = r->carry.s;
	int result = RELAY_GOES_ON;

	while (result == RELAY_GOES_ON && !is_done(&r->carry))
		result = step(r, err);
	if (result >= 0 && (result != RELAY_GOES_ON || session->receive_limit))
		warn_if_cut(&r->carry);
	if (result != RELAY_GOES_ON)
		return result;
	if (r->quit_at != CLOCK_NEVER && session->listening)
		return NC_RELAY_QUIT;
	return r->out_broken ? NC_RELAY_NO_OUT : NC_RELAY_OVER;
}

/* The error that poll(2) has only hinted at. */
static int broken_by(int fd)
{
	int code = 0;
	socklen_t len = sizeof(code);

	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len);
	return code ? -code : -EPIPE;
}

int nc_relay(const struct nc_session *session, struct err *err)
{
	auto_relay *r = relay_new(session);
	int result = carry(r, err);
	int trouble = r->carry.trouble;

	if (!trouble && r->net_broken)
		trouble = broken_by(session->net->wfd);
	if (result == NC_RELAY_SILENT)
		trouble = -ETIMEDOUT;
	if (session->ret_trouble)
		*session->ret_trouble = trouble;
	if (session->ours)
		nc_account_end(&r->carry.account, result < 0 ? result : trouble);
	return result;
}

struct stream *nc_stream(int fd)
{
	struct stream *s = stream_new(fd, fd, END_CLOSE);

	s->shut = SHUT_DOWN;
	return s;
}
