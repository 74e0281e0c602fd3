/* SPDX-License-Identifier: MIT */
/* Streams over datagram sockets that hear more than one peer: one packet is one block. */

#include "stream/wanted.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/receive.h"

#include <errno.h>

enum { TRY_AGAIN = CLOCK_US_PER_S / 100 };

static bool is_welcome(const struct stream *s, const struct net_address *from)
{
	const struct datagrams *terms = s->datagrams;
	char text[NET_ADDRESS_TEXT];

	if (terms->peer_only && from->len && !net_address_equal(from, &terms->peer)) {
		log_info("ignoring packet from %s", net_address_text(from, text, sizeof(text)));
		return false;
	}
	return !terms->permits || terms->permits(s, from);
}

/* One packet, or what makes it none: then *ret_again is set. */
static ssize_t receive(struct stream *s, void *buf, size_t len, bool *ret_again)
{
	struct net_address from = { 0 };
	char text[NET_ADDRESS_TEXT];
	ssize_t n;

	n = net_receive(s->rfd, buf, len, &from, NULL, NULL);
	*ret_again = n == -EINTR || (n >= 0 && !is_welcome(s, &from));
	if (n < 0 || *ret_again)
		return n;
	if (log_wants(LEVEL_NOTICE))
		log_notice("received packet with %zd bytes from %s", n,
			   net_address_text(&from, text, sizeof(text)));
	n = (ssize_t)frame_strip(buf, (size_t)n, s->datagrams->header);
	*ret_again = n == 0 && !s->null_eof;
	return n;
}

static ssize_t packets_read(struct stream *s, void *buf, size_t len)
{
	return read_wanted(s, buf, len, receive);
}

/* A UNIX receiver whose queue is full: poll(2) asks only the receivers of connected
 * sockets, and each try makes it tell us that there is room. */
static ssize_t packets_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n;

	s->datagrams->rewrite_at = 0;
	n = sendto(s->wfd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL, &s->datagrams->peer.any,
		   s->datagrams->peer.len);
	if (n < 0 && errno == EAGAIN && s->datagrams->peer.any.sa_family == AF_UNIX)
		s->datagrams->rewrite_at = clock_after(TRY_AGAIN);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static bool is_run_welcome(void *context, const struct net_run *run)
{
	return is_welcome(context, &run->from);
}

static int packets_receive(struct stream *s, struct net_batch *batch, size_t most)
{
	int r = net_batch_receive(s->rfd, batch, most);

	net_batch_keep(batch, is_run_welcome, s);
	return r;
}

static int packets_send(struct stream *s, struct net_batch *batch, bool *runs)
{
	return net_batch_send(s->wfd, batch, &s->datagrams->peer, runs);
}

static const struct stream_ops packet_ops = {
	.read = packets_read,
	.write = packets_write,
	.receive = packets_receive,
	.send = packets_send,
	.names_peer = true,
};

static ssize_t receive_connected(struct stream *s, void *buf, size_t len, bool *ret_again)
{
	struct net_address from = { .len = sizeof(from.storage) };
	ssize_t n = recvfrom(s->rfd, buf, len, MSG_DONTWAIT, &from.any, &from.len);

	*ret_again = n < 0 ? errno == EINTR : !is_welcome(s, &from);
	return n < 0 ? -errno : n;
}

static ssize_t connected_read(struct stream *s, void *buf, size_t len)
{
	return read_wanted(s, buf, len, receive_connected);
}

static ssize_t connected_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = send(s->wfd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static int connected_send(struct stream *s, struct net_batch *batch, bool *runs)
{
	return net_batch_send(s->wfd, batch, NULL, runs);
}

static const struct stream_ops connected_ops = {
	.read = connected_read,
	.write = connected_write,
	.receive = packets_receive,
	.send = connected_send,
};

void stream_hear_only(struct stream *s, const struct net_address *peer)
{
	s->ops = &connected_ops;
	if (!s->datagrams)
		s->datagrams = new_object(struct datagrams);
	s->datagrams->peer = *peer;
	s->datagrams->peer_only = true;
}

struct stream *stream_new_packets(int fd, const struct net_address *peer)
{
	struct stream *s = stream_new(fd, fd, END_SHUTDOWN);

	s->ops = &packet_ops;
	s->packets = s->nonblocking = true;
	s->datagrams = new_object(struct datagrams);
	if (peer)
		s->datagrams->peer = *peer;
	return s;
}
