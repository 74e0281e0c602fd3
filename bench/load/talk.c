/* SPDX-License-Identifier: MIT */
/* The client's half; serve.c is the other. */

#include "talk.h"
#include "pattern.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void end(struct talk *t, enum talk_event event, int error)
{
	t->error = error;
	talk_close(t);
	t->tell(t, event);
}

static void planned_reset(struct talk *t)
{
	talk_reset(t);
	t->tell(t, TALK_RESET);
}

static bool is_due(uint64_t limit, uint64_t count)
{
	return limit != 0 && count >= limit;
}

/* How many bytes may have been sent by now, with the hello. */
static uint64_t sendable(const struct talk *t)
{
	uint64_t rounds = MIN(t->rounds + 1, t->plan.rounds);

	if (t->plan.silent)
		return 0;
	return HELLO_SIZE + rounds * t->plan.hello.request;
}

static bool all_was_sent(const struct talk *t)
{
	return t->sent == HELLO_SIZE + t->plan.rounds * t->plan.hello.request;
}

/* The hello goes with the first request, in one segment: two would meet Nagle's algorithm in a
 * relay, and measure that. */
static ssize_t send_next(struct talk *t, size_t limit)
{
	uint8_t hello[HELLO_SIZE];
	size_t head = t->sent < HELLO_SIZE ? HELLO_SIZE - (size_t)t->sent : 0;
	uint64_t place = t->sent + head - HELLO_SIZE;
	struct iovec iov[2];
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

	hello_put(&t->plan.hello, hello);
	head = MIN(head, limit);
	iov[0].iov_base = hello + t->sent * (head > 0);
	iov[0].iov_len = head;
	iov[1].iov_base = (void *)(uintptr_t)pattern_at(t->plan.hello.seed, place);
	iov[1].iov_len = MIN(limit - head, (size_t)PATTERN_RUN);
	return t->secure ? secure_send(t->secure, iov)
			 : sendmsg(t->watch.fd, &message, MSG_NOSIGNAL);
}

/* False: not now. */
static bool shut_our_side(const struct talk *t)
{
	if (t->secure)
		return secure_shut(t->secure);
	(void)shutdown(t->watch.fd, SHUT_WR);
	return true;
}

static void shut_if_planned(struct talk *t)
{
	if (t->ended || !t->plan.half_close || t->shut || !all_was_sent(t))
		return;

	t->shut = shut_our_side(t);
	if (t->shut && t->eof)
		end(t, TALK_DONE, 0);
}

static void write_some(struct talk *t)
{
	while (!t->ended && !t->write_after && t->sent < sendable(t)) {
		uint64_t limit = sendable(t) - t->sent;
		ssize_t n;

		if (t->plan.piece)
			limit = MIN(limit, t->plan.piece);
		if (t->plan.reset_sent)
			limit = MIN(limit, t->plan.reset_sent - t->sent);
		if (t->sent <= HELLO_SIZE + t->rounds * t->plan.hello.request)
			t->round_begin = now_ns();
		n = send_next(t, (size_t)MIN(limit, (uint64_t)PATTERN_RUN));
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			return end(t, TALK_CUT, -errno);

		t->sent += (uint64_t)n;
		if (is_due(t->plan.reset_sent, t->sent))
			return planned_reset(t);
		if (t->plan.piece)
			t->write_after = now_ns() + t->plan.pause_ns;
	}
	shut_if_planned(t);
}

/* The bytes are the ones that were due? */
static bool take(struct talk *t, const uint8_t *data, size_t len)
{
	uint64_t expected = t->plan.rounds * t->plan.hello.answer;

	if (t->received + len > expected ||
	    !pattern_matches(t->plan.hello.seed + 1, t->received, data, len))
		return false;

	t->received += len;
	return true;
}

static void after_read(struct talk *t)
{
	if (t->plan.stall_at && t->received >= t->plan.stall_at) {
		t->plan.stall_at = 0;
		t->read_after = now_ns() + t->plan.pause_ns;
	}
	if (is_due(t->plan.reset_received, t->received))
		return planned_reset(t);

	if (t->rounds < t->plan.rounds && t->received == (t->rounds + 1) * t->plan.hello.answer) {
		t->rounds++;
		t->tell(t, TALK_ROUND);
		if (!t->ended)
			write_some(t);
	}
}

/* In a duplex connection the other side may be the first to end. */
static void end_of_input(struct talk *t)
{
	bool complete = t->received == t->plan.rounds * t->plan.hello.answer;

	if (complete && !t->shut && t->plan.hello.flags & HELLO_CLOSE_FIRST)
		t->eof = true;
	else
		end(t, complete && t->shut ? TALK_DONE : TALK_CUT, 0);
}

static ssize_t receive(const struct talk *t, void *out, size_t size)
{
	return t->secure ? secure_receive(t->secure, out, size) : recv(t->watch.fd, out, size, 0);
}

/* A read that was not filled took all there was; unless the end is there, too: it comes with
 * the same event. */
static void read_some(struct talk *t, bool to_the_end)
{
	static uint8_t buffer[PATTERN_RUN];
	ssize_t n = sizeof(buffer);

	while (!t->ended && !t->eof && !t->read_after && (to_the_end || n == sizeof(buffer))) {
		n = receive(t, buffer, sizeof(buffer));
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			return end(t, TALK_CUT, -errno);
		if (n == 0)
			return end_of_input(t);
		if (!take(t, buffer, (size_t)n))
			return end(t, TALK_WRONG, 0);

		after_read(t);
	}
}

/* A handshake may go on in either direction, and only the end of a read tells that there is no
 * more. */
static void ready_secure(struct talk *t)
{
	write_some(t);
	if (!t->ended)
		read_some(t, true);
	if (!t->ended)
		write_some(t);
}

static void ready(struct watch *watch, uint32_t events)
{
	struct talk *t = (struct talk *)watch;

	if (t->secure)
		return ready_secure(t);
	if (events & EPOLLOUT)
		write_some(t);
	if (!t->ended && events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		read_some(t, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
}

void talk_begin(struct talk *t, struct loop *loop, const struct net_address *target,
		struct secure_client *secure)
{
	int fd = target_connect(target, SOCK_STREAM);

	t->watch.fd = fd;
	t->watch.ready = ready;
	if (fd < 0) {
		t->error = fd;
		t->ended = true;
		return t->tell(t, TALK_CUT);
	}
	if (secure)
		t->secure = secure_new(secure, fd);
	loop_add(loop, &t->watch, (uint32_t)STREAM_EVENTS);
}

void talk_more(struct talk *t)
{
	t->plan.rounds++;
	write_some(t);
}

void talk_close(struct talk *t)
{
	if (!t->ended) {
		secure_free(t->secure);
		close(t->watch.fd);
	}
	t->ended = true;
}

void talk_leave(struct talk *t)
{
	if (!t->ended && t->secure)
		(void)secure_shut(t->secure);
	talk_close(t);
}

void talk_reset(struct talk *t)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(t->watch.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	talk_close(t);
}

void talk_tick(struct talk *t, int64_t now)
{
	if (t->ended)
		return;

	if (t->write_after && now >= t->write_after) {
		t->write_after = 0;
		write_some(t);
	}
	if (!t->ended && t->read_after && now >= t->read_after) {
		t->read_after = 0;
		read_some(t, true);
	}
}
