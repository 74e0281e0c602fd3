/* SPDX-License-Identifier: MIT */
/* Portions of data from end to end; see nc_carry.h. */

#include "tool/nc_carry.h"

#include "base/clock.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	UDP4_MAX = 65507, /* what fits behind the headers of the two families */
	UDP6_MAX = 65527,
};

static ssize_t result_of(ssize_t n)
{
	if (n < 0)
		return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
	return n;
}

static void count(struct nc_carry *c, enum nc_way way, ssize_t len)
{
	if (!c->s->ours || len <= 0)
		return;
	if (way == NC_SENT)
		nc_account_sent(&c->account, (size_t)len);
	else
		nc_account_received(&c->account, (size_t)len);
}

static void tell(struct nc_carry *c, enum nc_way way, const void *data, ssize_t len)
{
	if (c->s->passed && len > 0)
		c->s->passed(c->s, way, data, (size_t)len);
	count(c, way, len);
}

/* Pauses. */

enum { PORTIONS_PER_SECOND = 20 }; /* with a limit of the rate */

static int64_t max_rate(const struct nc_carry *c)
{
	return c->s->ours ? c->s->ours->max_rate : 0;
}

/* After so many bytes. */
static void pause_after(const struct nc_carry *c, int64_t *until, ssize_t len)
{
	int64_t pause = c->s->delay_us;

	if (max_rate(c))
		pause += (int64_t)len * CLOCK_US_PER_S / max_rate(c);
	if (pause && len > 0)
		*until = MAX(*until, clock_now()) + pause;
}

/* How much may pass at once. */
static size_t portion(const struct nc_carry *c, size_t len)
{
	int64_t most = MAX(max_rate(c) / PORTIONS_PER_SECOND, 1);

	return max_rate(c) && !c->s->datagrams ? MIN(len, (size_t)most) : len;
}

int64_t nc_carry_rest_until(const struct nc_carry *c)
{
	int64_t sending = c->rest_until ? c->rest_until : CLOCK_NEVER;

	return c->read_rest_until ? MIN(sending, c->read_rest_until) : sending;
}

static bool is_over(int64_t *until)
{
	if (!*until || *until > clock_now())
		return false;
	*until = 0;
	return true;
}

bool nc_carry_rested(struct nc_carry *c)
{
	bool sending = is_over(&c->rest_until), receiving = is_over(&c->read_rest_until);

	return sending || receiving;
}

static void note_trouble(struct nc_carry *c, ssize_t n)
{
	if (n < 0 && !c->trouble)
		c->trouble = (int)n;
}

static size_t datagram_limit(const struct nc_session *s)
{
	struct net_address local;

	if (net_address_local(s->net->rfd, &local) < 0)
		return NC_QUEUE_SIZE;
	if (local.any.sa_family == AF_INET)
		return UDP4_MAX;
	return local.any.sa_family == AF_INET6 ? UDP6_MAX : NC_QUEUE_SIZE;
}

static bool bytes_are_nobodys_business(const struct nc_session *s)
{
	return !s->local && !s->datagrams && !s->crlf && !s->telnet && !s->interval_us &&
	       !s->receive_limit && !s->passed && !s->delay_us && !(s->ours && s->ours->max_rate) &&
	       !s->no_output && stream_is_plain(s->net);
}

void nc_carry_init(struct nc_carry *c, const struct nc_session *s)
{
	c->s = s;
	c->ends.listening = s->listening || s->ends_with_peer;
	c->ends.shut_at_eof = s->shut_at_eof;
	c->ends.gone[NC_IN] = s->no_input;
	c->datagram_max = datagram_limit(s);
	c->output = stream_new(-1, STDOUT_FILENO, END_KEEP);
	if (s->ours)
		nc_account_begin(&c->account, s->ours, s->place, s->net->rfd,
				 !s->no_input && !s->local);
	if (bytes_are_nobodys_business(s)) {
		nc_bulk_init(&c->bulk[NC_SENT], STDIN_FILENO, s->net->wfd);
		nc_bulk_init(&c->bulk[NC_RECEIVED], s->net->rfd, STDOUT_FILENO);
	}
}

void nc_carry_done(struct nc_carry *c)
{
	c->output = stream_free(c->output);
	for (size_t i = 0; i < NC_WAYS; i++)
		nc_bulk_done(&c->bulk[i]);
}

void nc_carry_shut(struct nc_carry *c, unsigned int actions)
{
	if (c->s->datagrams)
		return; /* there is no end to tell */
	if (actions & NC_SHUT_WRITE)
		c->telling_end = true;
	if (c->telling_end)
		c->telling_end = stream_shut(c->s->net) == -EAGAIN;
	if (actions & NC_SHUT_READ && stream_is_plain(c->s->net))
		(void)shutdown(c->s->net->rfd, SHUT_RD);
}

/* From the local end. */

static ssize_t local_read(struct nc_carry *c, void *data, size_t room)
{
	if (c->s->local)
		return stream_read(c->s->local, data, room);
	return result_of(read(STDIN_FILENO, data, room));
}

static ssize_t read_lines(struct nc_carry *c)
{
	struct nc_queue *q = &c->to_net;
	ssize_t n = local_read(c, c->raw, sizeof(c->raw));

	if (n > 0)
		nc_queue_added(q, nc_text_crlf(&c->after_cr, c->raw, (size_t)n, nc_queue_tail(q)));
	return n;
}

static ssize_t read_bytes(struct nc_carry *c, size_t room)
{
	struct nc_queue *q = &c->to_net;
	ssize_t n = local_read(c, nc_queue_tail(q),
			       c->s->datagrams ? MIN(room, c->datagram_max) : room);

	if (n > 0)
		nc_queue_added(q, (size_t)n);
	return n;
}

/* Inside the kernel, past an empty buffer.  -ENOTSUP: not now. */
static ssize_t move_bulk(struct nc_carry *c, enum nc_way way)
{
	const struct nc_queue *q = way == NC_SENT ? &c->to_net : &c->to_out;
	ssize_t n;

	if (nc_queue_waiting(q) || !nc_bulk_is_on(&c->bulk[way]))
		return -ENOTSUP;
	n = nc_bulk_move(&c->bulk[way]);
	count(c, way, n);
	return n;
}

void nc_carry_read_local(struct nc_carry *c)
{
	ssize_t n = move_bulk(c, NC_SENT);

	if (n == -ENOTSUP) {
		size_t room = nc_queue_make_room(&c->to_net);

		n = c->s->crlf ? read_lines(c) : read_bytes(c, room);
		nc_bulk_note(&c->bulk[NC_SENT], n);
	}
	if (n <= 0 && n != -EAGAIN)
		c->ends.gone[NC_IN] = true;
}

/* To the network. */

/* How much goes out at once: a line, a datagram, or everything. */
static size_t next_unit(const struct nc_carry *c)
{
	const struct nc_queue *q = &c->to_net;
	size_t len = nc_queue_waiting(q);

	if (c->s->by_line || c->s->interval_us)
		len = nc_text_line(nc_queue_head(q), len);
	return c->s->datagrams ? MIN(len, c->datagram_max) : portion(c, len);
}

static ssize_t send_unit(struct nc_carry *c, const void *data, size_t len)
{
	ssize_t n;

	if (!c->s->any_sender)
		n = stream_write(c->s->net, data, len);
	else
		n = result_of(sendto(c->s->net->wfd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL,
				     &c->sender.any, c->sender.len));
	tell(c, NC_SENT, data, n);
	return n;
}

void nc_carry_write_net(struct nc_carry *c)
{
	struct nc_queue *q = &c->to_net;
	size_t len = next_unit(c);
	ssize_t n;

	if (c->bulk[NC_SENT].is_stalled) {
		nc_carry_read_local(c);
		return;
	}
	n = send_unit(c, nc_queue_head(q), len);
	if (n == -EAGAIN)
		return;
	if (n < 0 && !c->s->any_sender) {
		note_trouble(c, n);
		c->ends.gone[NC_NW] = true;
		return;
	}
	if (n < 0) {
		c->sender.len = 0; /* this one has left; the next sender may answer */
		n = (ssize_t)len;
	}
	nc_queue_taken(q, (size_t)n);
	if (c->s->interval_us && (size_t)n == len)
		c->rest_until = clock_after(c->s->interval_us);
	pause_after(c, &c->rest_until, n);
}

/* From the network. */

int nc_carry_send_answers(struct nc_carry *c, struct err *err)
{
	struct nc_queue *q = &c->answers;
	ssize_t n = send_unit(c, nc_queue_head(q), nc_queue_waiting(q));

	if (n == -EAGAIN)
		return 0;
	if (n < 0 && c->s->any_sender)
		n = (ssize_t)nc_queue_waiting(q); /* one of many, who has no name or has left */
	if (n < 0)
		return err_set(err, (int)n, "Write Error!: %s", err_reason((int)n));
	nc_queue_taken(q, (size_t)n);
	return 0;
}

/* An answer is as long as its question, but a question may have begun in the
 * receive before: nc_carry_read_net() leaves two bytes for that. */
static int answer_telnet(struct nc_carry *c, const uint8_t *data, size_t len, struct err *err)
{
	struct nc_queue *q = &c->answers;

	(void)nc_queue_make_room(q);
	nc_queue_added(q, nc_text_telnet(&c->telnet, data, len, nc_queue_tail(q)));
	return nc_queue_waiting(q) ? nc_carry_send_answers(c, err) : 0;
}

static ssize_t receive(struct nc_carry *c, void *data, size_t room)
{
	struct net_address from = { .len = sizeof(from.storage) };
	ssize_t n;

	if (!c->s->any_sender)
		return stream_read(c->s->net, data, room);

	n = result_of(recvfrom(c->s->net->rfd, data, room, MSG_DONTWAIT, &from.any, &from.len));
	if (n < 0 || from.len <= sizeof(sa_family_t)) /* nameless: nobody to answer */
		return n;
	if (c->sender.len == 0 || !net_address_equal(&from, &c->sender))
		nc_place_accepted(c->s->place, &from);
	c->sender = from;
	return n;
}

/* A datagram socket reports that a peer is gone before it gives out what is
 * still queued; so after an error the queue is emptied first. */
static void receive_failed(struct nc_carry *c, ssize_t n)
{
	note_trouble(c, n);
	if (n < 0 && c->s->datagrams && !c->only_drain) {
		c->only_drain = true;
		return;
	}
	c->ends.gone[NC_NR] = true;
	if (n == 0)
		nc_carry_shut(c, NC_SHUT_READ);
}

static void count_receive(struct nc_carry *c)
{
	if (!c->s->receive_limit || ++c->received < c->s->receive_limit)
		return;
	c->ends.gone[NC_NR] = c->ends.gone[NC_IN] = true;
	nc_carry_shut(c, NC_SHUT_READ);
}

int nc_carry_read_net(struct nc_carry *c, struct err *err)
{
	struct nc_queue *q = &c->to_out;
	size_t room = nc_queue_make_room(q);
	uint8_t *data = nc_queue_tail(q);
	ssize_t n;

	if (c->s->telnet)
		room = MIN(room, (size_t)NC_QUEUE_SIZE - 2);
	n = move_bulk(c, NC_RECEIVED);
	if (n > 0)
		return 0;
	if (n == -ENOTSUP) {
		n = receive(c, data, portion(c, room));
		nc_bulk_note(&c->bulk[NC_RECEIVED], n);
	}
	if (n == -EAGAIN && !c->only_drain)
		return 0;
	if (n == 0 && c->s->datagrams && c->s->empty_is_data)
		return 0;
	if (n <= 0) {
		receive_failed(c, n);
		return 0;
	}
	if (!c->s->no_output) {
		tell(c, NC_RECEIVED, data, n);
		nc_queue_added(q, (size_t)n);
	}
	pause_after(c, &c->read_rest_until, n);
	count_receive(c);
	return c->s->telnet ? answer_telnet(c, data, (size_t)n, err) : 0;
}

/* To the local end. */

void nc_carry_write_local(struct nc_carry *c)
{
	struct nc_queue *q = &c->to_out;
	uint8_t *data = q->data + q->start;
	ssize_t n;

	if (c->bulk[NC_RECEIVED].is_stalled) {
		c->bulk[NC_RECEIVED].is_stalled = false; /* the next read will see */
		return;
	}
	n = stream_write(c->s->local ? c->s->local : c->output, data, nc_queue_waiting(q));
	if (n == -EAGAIN)
		return;
	if (n < 0)
		c->ends.gone[NC_OUT] = true;
	else
		nc_queue_taken(q, (size_t)n);
}

/* What is useful. */

bool nc_carry_wants_send(const struct nc_carry *c)
{
	if (nc_queue_waiting(&c->answers) || c->telling_end || c->bulk[NC_SENT].is_stalled)
		return true;
	return nc_queue_waiting(&c->to_net) && !c->rest_until &&
	       !(c->s->any_sender && c->sender.len == 0);
}

bool nc_carry_wants_output(const struct nc_carry *c)
{
	return nc_queue_waiting(&c->to_out) || c->bulk[NC_RECEIVED].is_stalled;
}

/* A datagram is taken only into an empty buffer, so none is ever cut. */
bool nc_carry_wants_net(const struct nc_carry *c)
{
	if (nc_queue_waiting(&c->answers) || c->bulk[NC_RECEIVED].is_stalled || c->read_rest_until)
		return false;
	return c->s->datagrams ? !nc_queue_waiting(&c->to_out) : !nc_queue_is_full(&c->to_out);
}

bool nc_carry_wants_local(const struct nc_carry *c)
{
	if (c->bulk[NC_SENT].is_stalled)
		return false;
	return c->s->datagrams || c->s->crlf ? !nc_queue_waiting(&c->to_net)
					     : !nc_queue_is_full(&c->to_net);
}
