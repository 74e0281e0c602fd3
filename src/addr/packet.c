/* SPDX-License-Identifier: MIT */
/*
 * One packet as a session: *-RECVFROM.
 *
 * The packet is received here, once, and handed to the session as data that was
 * put back.  So it can neither be taken twice nor wait in the socket for a
 * session that failed, however many are forked.  The socket is lent to all sessions,
 * and closed when the last one has ended.
 */

#include "addr/socket.h"

#include "base/log.h"
#include "net/receive.h"
#include "task/task.h"

#include <errno.h>
#include <poll.h>

/* Where the facts about a packet go: the environment of its session. */
struct facts {
	const struct opening *o;
	struct env *env;
};

static void keep_fact(void *context, const struct ancillary_fact *fact)
{
	const struct facts *facts = context;

	if (fact->variable)
		env_set(facts->env, facts->o->context->env_prefix, fact->variable, fact->value);
}

/* No packet, but news of what was sent before (ip-recverr), or nothing. */
static bool is_no_packet(ssize_t r)
{
	static const int news[] = { EAGAIN, EINTR, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH,
				    EHOSTDOWN, EPROTO, ENOPROTOOPT, EMSGSIZE };

	for (size_t i = 0; i < ARRAY_SIZE(news); i++)
		if (r == -news[i])
			return true;
	return false;
}

/* The next packet of anybody, cut at the block size. */
static int receive_any(struct listener *l, struct opening *o, struct arrival *a)
{
	struct facts facts = { o, &a->env };
	size_t size = o->context->block_size;
	ssize_t n;
	int r;

	do {
		r = task_wait(l->fd, POLLIN);
		if (r < 0)
			return r;
		n = net_receive(l->fd, a->packet, size, &a->peer, keep_fact, &facts);
	} while (is_no_packet(n));
	if (n < 0)
		return err_set(o->err, (int)n, "recvmsg(%d): %s", l->fd, err_reason((int)n));
	a->packet_len = frame_strip(a->packet, (size_t)n, l->header);
	return 0;
}

static int receive_packet(struct listener *l, struct opening *o, struct arrival *ret)
{
	const struct settings *settings = &o->address->settings;
	char text[NET_ADDRESS_TEXT];
	int r;

	ret->packet = mem_new(1, o->context->block_size + 1);
	for (;;) {
		r = receive_any(l, o, ret);
		if (r < 0)
			return r;
		log_notice("receiving packet from %s",
			   net_address_text(&ret->peer, text, sizeof(text)));
		if (peer_is_admitted(settings, &ret->peer) &&
		    (ret->packet_len || settings->null_eof))
			break;
		env_done(&ret->env);
	}

	ret->local = l->local;
	ret->fd = l->fd;
	ret->from = listener_keep(l);
	return 0;
}

static void give_back(void *listener)
{
	listener_release(listener);
}

/* The session answers on the listener's own socket. */
static int finish_packet(struct opening *o, struct arrival *a, struct stream **ret)
{
	struct stream *s;
	int r;

	socket_env(o, NULL, &a->peer);
	if (o->env)
		env_copy(o->env, &a->env);
	r = opening_apply(o, PHASE_CONNECTED, a->fd, NULL);
	if (r < 0)
		return r;
	s = stream_new_packets(take_fd(&a->fd), &a->peer);
	s->end = END_KEEP;
	s->nonblocking = false; /* it stays as others wait on it */
	s->datagrams->lender = listener_keep(a->from);
	s->datagrams->give_back = give_back;
	s->shut = SHUT_CLOSE;
	s->one_packet = true;
	if (a->packet_len)
		stream_unread(s, a->packet, a->packet_len);
	*ret = s;
	return 0;
}

static const struct listener_ops packet_listener_ops = { receive_packet, finish_packet };

int packet_listen(struct opening *o, int fd, struct listener **ret)
{
	auto_listener l = listener_new(&packet_listener_ops, fd);
	int r = opening_apply(o, PHASE_FD, fd, NULL);

	if (r < 0)
		return r;
	(void)net_address_local(fd, &l->local);
	l->waiting = "receiving on";
	l->lends = true;
	*ret = take_ptr(l);
	return 0;
}
