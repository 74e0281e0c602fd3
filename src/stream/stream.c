/* SPDX-License-Identifier: MIT */
/* What all streams have in common: the put-back buffer, shutting, the end. */

#include "stream/stream.h"

#include "base/clock.h"
#include "base/fd.h"
#include "task/child.h"
#include "task/loop.h"
#include "task/task.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Closes what is ours, each descriptor once. */
static void close_descriptors(struct stream *s)
{
	int fds[] = { s->rfd, s->wfd == s->rfd ? -1 : s->wfd };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] < 0 || s->end == END_KEEP)
			continue;
		if (s->end == END_SHUTDOWN)
			(void)shutdown(fds[i], SHUT_RDWR);
		(void)close(fds[i]);
	}
	if (s->master && s->master->slave >= 0)
		(void)close(s->master->slave);
}

/* A program that was waited for is gone: its number may be somebody else's. */
static void end_program(const struct stream *s)
{
	int status;

	if (s->program <= 0 || s->program_owner != getpid())
		return;
	if (!s->keep_program && !child_ended(s->program, &status))
		(void)kill(s->program, SIGTERM);
	child_forget(s->program);
}

bool stream_is_lent(const struct stream *s)
{
	return s->datagrams && s->datagrams->lender;
}

struct stream *stream_free(struct stream *s)
{
	if (!s)
		return NULL;
	saved_terminals_restore(s->terminals);
	/* Through a socket of its network namespace. */
	saved_interface_restore(s->interface, s->rfd >= 0 ? s->rfd : s->wfd);
	if (s->ops->done)
		s->ops->done(s);
	end_program(s);
	close_descriptors(s);
	owned_path_done(&s->lock);
	owned_path_done(&s->path);
	(void)stream_free(s->reading);
	(void)stream_free(s->writing);
	(void)stream_free(s->below);
	free(s->unread);
	free(s->interface);
	if (stream_is_lent(s))
		s->datagrams->give_back(s->datagrams->lender);
	free(s->datagrams);
	free(s->master);
	free(s);
	return NULL;
}

void stream_free_pointer(struct stream **s)
{
	(void)stream_free(*s);
}

void stream_disown(struct stream *s)
{
	if (!s)
		return;
	if (s->end == END_SHUTDOWN)
		s->end = END_CLOSE;
	if (s->shut == SHUT_OWN)
		s->shut = SHUT_NONE;
	s->keep_program = true;
	stream_disown(s->reading);
	stream_disown(s->writing);
	stream_disown(s->below);
}

void stream_bequeath(struct stream *s, pid_t heir)
{
	if (!s)
		return;
	s->path.owner = s->lock.owner = s->program_owner = heir;
	for (struct saved_terminal *saved = s->terminals; saved; saved = saved->next)
		saved->owner = heir;
	if (s->interface)
		s->interface->owner = heir;
	stream_bequeath(s->reading, heir);
	stream_bequeath(s->writing, heir);
	stream_bequeath(s->below, heir);
}

void stream_set_reader(struct stream *s, struct turn *reader)
{
	s->reader = reader;
	if (s->reading)
		stream_set_reader(s->reading, reader);
	if (s->below)
		stream_set_reader(s->below, reader);
}

void stream_wake_reader(struct stream *s)
{
	if (s->reader)
		turn_ask(s->reader);
}

bool stream_has_unread(const struct stream *s)
{
	if (s->reading)
		return stream_has_unread(s->reading);
	return s->unread || s->one_packet || (s->ops->pending && s->ops->pending(s));
}

/* Bytes put back: data[at..len). */
struct unread {
	size_t at, len;
	char data[];
};

void stream_unread(struct stream *s, const void *data, size_t len)
{
	struct unread *old = s->unread, *joined;
	size_t left = old ? old->len - old->at : 0;

	if (!len)
		return;
	joined = mem_new(1, sizeof(*joined) + len + left);
	joined->len = len + left;
	memcpy(joined->data, data, len);
	if (left)
		memcpy(joined->data + len, old->data + old->at, left);
	free(old);
	s->unread = joined;
}

static ssize_t read_unread(struct stream *s, void *buf, size_t len)
{
	struct unread *unread = s->unread;
	size_t n = MIN(len, unread->len - unread->at);

	memcpy(buf, unread->data + unread->at, n);
	unread->at += n;
	if (s->packets || unread->at == unread->len) /* a packet is cut at len */
		free(take_ptr(s->unread));
	return (ssize_t)n;
}

void stream_hand_over(const struct stream *s)
{
	if (s->reading)
		stream_hand_over(s->reading);
	if (s->writing)
		stream_hand_over(s->writing);
	if (s->nonblocking && s->rfd >= 0)
		(void)fd_set_nonblock(s->rfd, false);
	if (s->nonblocking && s->wfd >= 0)
		(void)fd_set_nonblock(s->wfd, false);
}

ssize_t stream_read(struct stream *s, void *buf, size_t len)
{
	if (s->unread)
		return read_unread(s, buf, len);
	if (s->one_packet)
		return 0;
	return s->ops->read(s, buf, len);
}

ssize_t stream_write(struct stream *s, const void *buf, size_t len)
{
	return s->ops->write(s, buf, len);
}

/* An empty packet is the end, and nothing after it counts; where everybody may send one, it
 * must be asked for. */
static void find_end(const struct stream *s, struct net_batch *batch)
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->n && !batch->ended; i++) {
		if (batch->run[i].len)
			batch->run[kept++] = batch->run[i];
		else
			batch->ended = s->null_eof || !s->ops->names_peer;
	}
	batch->n = kept;
}

int stream_receive(struct stream *s, struct net_batch *batch, size_t most)
{
	int r = s->ops->receive(s, batch, most);

	if (r == 0)
		find_end(s, batch);
	return r;
}

int stream_send(struct stream *s, struct net_batch *batch, bool *runs)
{
	return s->ops->send(s, batch, runs);
}

struct pollfd stream_poll_read(const struct stream *s)
{
	if (s->reading)
		return stream_poll_read(s->reading);
	if (s->read_wants_write)
		return stream_poll_write(s->below);
	if (s->below)
		return stream_poll_read(s->below);
	return (struct pollfd){ .fd = s->rfd, .events = POLLIN };
}

struct pollfd stream_poll_write(const struct stream *s)
{
	if (s->writing)
		return stream_poll_write(s->writing);
	if (s->write_wants_read)
		return stream_poll_read(s->below);
	if (s->below)
		return stream_poll_write(s->below);
	return (struct pollfd){ .fd = s->wfd, .events = POLLOUT };
}

int64_t stream_rewrite_at(const struct stream *s)
{
	if (s->writing)
		return stream_rewrite_at(s->writing);
	return s->datagrams ? s->datagrams->rewrite_at : 0;
}

const char *stream_write_call(const struct stream *s, size_t len, char *text, size_t size)
{
	char peer[NET_ADDRESS_TEXT];

	if (s->below || s->writing)
		return stream_write_call(s->below ? s->below : s->writing, len, text, size);
	if (s->ops->names_peer)
		(void)snprintf(text, size, "sendto(%d, ..., %zu, 0, %s, %u)", s->wfd, len,
			       net_address_text(&s->datagrams->peer, peer, sizeof(peer)),
			       s->datagrams->peer.len);
	else
		(void)snprintf(text, size, "write(%d, ..., %zu)", s->wfd, len);
	return text;
}

void stream_hurry(const struct stream *s)
{
	const int on = 1;

	if (s->hurries)
		(void)setsockopt(s->wfd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

bool stream_has_packets(const struct stream *s)
{
	if (s->reading || s->writing)
		return (s->reading && s->reading->packets) || (s->writing && s->writing->packets);
	return s->packets;
}

bool stream_shut_closes(const struct stream *s)
{
	const struct stream *half = s->writing ? s->writing : s;

	return (s->shut ? s->shut : half->shut) == SHUT_CLOSE;
}

static void close_write_side(struct stream *s)
{
	int fd = take_fd(&s->wfd);

	if (fd == s->rfd)
		s->rfd = -1;
	if (!stream_is_lent(s))
		(void)close(fd);
}

/* What options say about the whole holds for the half that is written. */
static int shut_half(struct stream *s)
{
	int r;

	if (s->shut)
		s->writing->shut = s->shut;
	r = stream_shut(s->writing);
	s->wfd = s->writing->wfd;
	s->write_wants_read = s->writing->write_wants_read;
	return r;
}

/* A layer that does not close in its own way leaves that to the stream below. */
static int shut_below(struct stream *s)
{
	int r;

	s->below->shut = s->shut;
	r = stream_shut(s->below);
	s->wfd = s->below->wfd;
	if (s->below->rfd < 0)
		s->rfd = -1;
	return r;
}

static int shut_now(struct stream *s)
{
	if (s->shut == SHUT_OWN)
		return s->ops->shut(s);
	if (s->below)
		return shut_below(s);

	switch (s->shut) {
	case SHUT_CLOSE:
		close_write_side(s);
		return 0;
	case SHUT_DOWN:
		return shutdown(s->wfd, SHUT_WR) < 0 ? -errno : 0;
	case SHUT_NULL:
		return (int)stream_write(s, "", 0);
	default:
		return 0;
	}
}

int stream_shut(struct stream *s)
{
	int r;

	if (s->writing)
		return shut_half(s);
	if (s->wfd < 0 || s->write_shut)
		return 0;
	r = shut_now(s);
	s->write_shut = r != -EAGAIN;
	return r;
}

static int wait_for(struct pollfd p)
{
	return task_wait(p.fd, p.events);
}

int stream_wait_read(const struct stream *s)
{
	return s->reread_at ? task_sleep(MAX(s->reread_at - clock_now(), 0))
			    : wait_for(stream_poll_read(s));
}

static int wait_write(const struct stream *s)
{
	int64_t moment = stream_rewrite_at(s);

	return moment ? task_sleep(MAX(moment - clock_now(), 0)) : wait_for(stream_poll_write(s));
}

ssize_t stream_read_wait(struct stream *s, void *buf, size_t len)
{
	for (;;) {
		ssize_t n = stream_read(s, buf, len);
		int r;

		if (n != -EAGAIN)
			return n;
		r = stream_wait_read(s);
		if (r < 0)
			return r;
	}
}

int stream_write_all(struct stream *s, const void *buf, size_t len)
{
	const char *at = buf;

	while (len) {
		ssize_t n = stream_write(s, at, len);
		int r;

		if (n >= 0) {
			at += n;
			len -= (size_t)n;
			continue;
		}
		if (n != -EAGAIN)
			return (int)n;
		r = wait_write(s);
		if (r < 0)
			return r;
	}
	return 0;
}
