/* SPDX-License-Identifier: MIT */
/*
 * One packet as a session: *-RECVFROM.
 *
 * The packet is received here, once, and handed to the session as data that was
 * put back.  So it can neither be taken twice nor wait in the socket for a
 * session that failed, however many are forked.
 */

#include "addr/socket.h"

#include "base/log.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

/* The next packet of anybody, cut at the block size. */
static int receive_any(struct listener *l, struct opening *o, struct arrival *a)
{
	size_t size = o->context->block_size;
	ssize_t n;
	int r;

	do {
		r = task_wait(l->fd, POLLIN);
		if (r < 0)
			return r;
		a->peer = (struct net_address){ .len = sizeof(a->peer.storage) };
		n = recvfrom(l->fd, a->packet, size, MSG_DONTWAIT, &a->peer.any, &a->peer.len);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED));
	if (n < 0)
		return err_set(o->err, -errno, "recvmsg(%d): %s", l->fd, err_reason(-errno));
	a->packet_len = frame_strip(a->packet, (size_t)n, l->header);
	return 0;
}

static int receive_packet(struct listener *l, struct opening *o, struct arrival *ret)
{
	const struct settings *settings = &o->address->settings;
	char text[NET_ADDRESS_TEXT];
	int r;

	ret->packet = mem_new(1, o->context->block_size + 1);
	do {
		r = receive_any(l, o, ret);
		if (r < 0)
			return r;
		log_notice("receiving packet from %s",
			   net_address_text(&ret->peer, text, sizeof(text)));
	} while (!peer_is_admitted(settings, "packet", &ret->peer) ||
		 (ret->packet_len == 0 && !settings->null_eof));

	ret->local = l->local;
	ret->fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	return ret->fd < 0 ? err_set(o->err, -errno, "dup(%d): %s", l->fd, err_reason(-errno)) : 0;
}

static int finish_packet(struct opening *o, struct arrival *a, struct stream **ret)
{
	struct stream *s;
	int r;

	socket_env(o, NULL, &a->peer);
	env_copy(o->env, &a->env);
	r = opening_apply(o, PHASE_CONNECTED, a->fd, NULL);
	if (r < 0)
		return r;
	s = stream_new_packets(take_fd(&a->fd), &a->peer);
	s->end = END_CLOSE; /* the socket is the listener's as well */
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
	*ret = take_ptr(l);
	return 0;
}
