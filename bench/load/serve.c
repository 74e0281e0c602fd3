/* SPDX-License-Identifier: MIT */
/*
 * The back-end's half of a connection:
 *
 *	hello -> receiving the request -> sending the answer -> receiving ...	in rounds
 *	hello -> both at once -> our end, their end				duplex
 *
 * An end of the client between two rounds is a good one, everywhere else it is a cut.
 */

#include "serve.h"
#include "hello.h"
#include "load.h"
#include "pattern.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 65535, FILES = 60000 };

struct acceptor {
	struct watch watch;
	struct server *server;
};

struct session {
	struct watch watch;
	struct server *server;
	struct hello hello;
	uint8_t greeting[HELLO_SIZE];
	size_t greeted;
	uint64_t received;
	uint64_t sent;
	uint64_t rounds;
	bool shut;
	bool eof;
};

static bool is_duplex(const struct session *s)
{
	return (s->hello.flags & HELLO_DUPLEX) != 0;
}

static void report(const struct session *s)
{
	if (s->hello.flags & HELLO_REPORT) {
		printf("{\"received\": %" PRIu64 ", \"sent\": %" PRIu64 ", \"end\": %" PRId64 "}\n",
		       s->received, s->sent, now_ns());
		(void)fflush(stdout);
	}
}

static void end_session(struct session *s, uint64_t *counter)
{
	(*counter)++;
	s->server->counters.active--;
	report(s);
	close(s->watch.fd);
	free(s);
}

static void end_with_error(struct session *s)
{
	s->server->counters.reset++;
	end_session(s, &s->server->counters.cut);
}

/* The client has ended its side (and all its bytes were read). */
static bool is_complete(const struct session *s)
{
	uint64_t rounds = is_duplex(s) ? 1 : s->rounds;

	return s->greeted == HELLO_SIZE && s->received == rounds * s->hello.request &&
	       s->sent == rounds * s->hello.answer;
}

/* How many bytes of answers may have been sent by now. */
static uint64_t sendable(const struct session *s)
{
	if (s->greeted < HELLO_SIZE)
		return 0;
	if (is_duplex(s))
		return s->hello.answer;
	if (s->hello.request == 0)
		return 0;
	return s->received / s->hello.request * s->hello.answer;
}

/* Do not read the next request before this one is answered. */
static uint64_t receivable(const struct session *s)
{
	if (is_duplex(s))
		return s->hello.request - s->received;
	return s->rounds * s->hello.answer > s->sent
		       ? 0
		       : (s->rounds + 1) * s->hello.request - s->received;
}

/* False: the session has ended. */
static bool shut_if_due(struct session *s)
{
	if (!is_duplex(s) || s->shut || s->greeted < HELLO_SIZE || s->sent < s->hello.answer)
		return true;
	if (!s->eof && !(s->hello.flags & HELLO_CLOSE_FIRST))
		return true;

	s->shut = true;
	(void)shutdown(s->watch.fd, SHUT_WR);
	return true;
}

/* False: the session has ended. */
static bool write_some(struct session *s)
{
	uint64_t limit;

	while ((limit = sendable(s) - s->sent) > 0) {
		size_t size = (size_t)MIN(limit, (uint64_t)PATTERN_RUN);
		ssize_t n = send(s->watch.fd, pattern_at(s->hello.seed + 1, s->sent), size,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0) {
			end_with_error(s);
			return false;
		}
		s->sent += (uint64_t)n;
		s->server->counters.sent += (uint64_t)n;
	}
	return shut_if_due(s);
}

static void send_stats(struct session *s)
{
	const struct counters *c = &s->server->counters;
	auto_free char *text = str_format(
		"{\"accepted\": %" PRIu64 ", \"active\": %" PRIu64 ", \"finished\": %" PRIu64
		", \"cut\": %" PRIu64 ", \"reset\": %" PRIu64 ", \"wrong\": %" PRIu64
		", \"rounds\": %" PRIu64 ", \"received\": %" PRIu64 ", \"sent\": %" PRIu64
		", \"packets\": %" PRIu64 ", \"packet_bytes\": %" PRIu64 "}\n",
		c->accepted - 1, c->active - 1, c->finished, c->cut, c->reset, c->wrong, c->rounds,
		c->received, c->sent, c->packets, c->packet_bytes);

	(void)send(s->watch.fd, text, strlen(text), MSG_NOSIGNAL);
	s->server->counters.accepted--;
	s->server->counters.active--;
	close(s->watch.fd);
	free(s);
}

/* The rest of the hello; false: the session has ended. */
static bool greet(struct session *s, const uint8_t **data, size_t *len)
{
	size_t n = MIN(*len, HELLO_SIZE - s->greeted);

	memcpy(s->greeting + s->greeted, *data, n);
	s->greeted += n;
	*data += n;
	*len -= n;
	if (n == 0 || s->greeted < HELLO_SIZE)
		return true;

	if (hello_get(s->greeting, &s->hello) < 0) {
		end_session(s, &s->server->counters.wrong);
		return false;
	}
	if (s->hello.flags & HELLO_STATS) {
		send_stats(s);
		return false;
	}
	return true;
}

/* Bytes of requests; false: the session has ended. */
static bool take(struct session *s, const uint8_t *data, size_t len)
{
	bool check = (s->hello.flags & HELLO_CHECK) != 0;

	if (len > receivable(s) ||
	    (check && !pattern_matches(s->hello.seed, s->received, data, len))) {
		end_session(s, &s->server->counters.wrong);
		return false;
	}

	s->received += len;
	s->server->counters.received += len;
	if (len > 0 && s->received == (s->rounds + 1) * s->hello.request) {
		s->rounds++;
		s->server->counters.rounds++;
	}
	return write_some(s);
}

/* False: the session has ended. */
static bool end_of_input(struct session *s)
{
	if (s->eof)
		return true;

	s->eof = true;
	if (is_duplex(s) && s->received == s->hello.request)
		return write_some(s);

	end_session(s, is_complete(s) ? &s->server->counters.finished : &s->server->counters.cut);
	return false;
}

/* Bytes that nobody compares are counted without being copied (tcp(7), MSG_TRUNC; a UNIX socket
 * copies them all the same): it is the relay that is measured, not this end. */
static int receive_flags(const struct session *s)
{
	bool compared = s->greeted < HELLO_SIZE || s->hello.flags & HELLO_CHECK;

	return compared ? 0 : MSG_TRUNC;
}

/* False: the session has ended, or there is nothing to read. */
static bool read_once(struct session *s, bool *again)
{
	static uint8_t buffer[PATTERN_RUN];
	ssize_t n = recv(s->watch.fd, buffer, sizeof(buffer), receive_flags(s));
	const uint8_t *data = buffer;
	size_t len = (size_t)n;

	*again = false;
	if (n < 0 && errno == EAGAIN)
		return true;
	if (n < 0) {
		end_with_error(s);
		return false;
	}
	if (n == 0)
		return end_of_input(s);

	*again = len == sizeof(buffer);
	return greet(s, &data, &len) && take(s, data, len);
}

static void ready(struct watch *watch, uint32_t events)
{
	struct session *s = (struct session *)watch;
	bool ending = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
	bool again = true;

	if (events & EPOLLOUT && !write_some(s))
		return;

	/* With the end of input in sight, all that was sent before it is read first. */
	while ((again || ending) && !s->eof) {
		size_t before = s->greeted + s->received;

		if (!read_once(s, &again))
			return;
		if (!again && before == s->greeted + s->received)
			break;
	}
	if (s->eof && s->shut)
		end_session(s, is_complete(s) ? &s->server->counters.finished
					      : &s->server->counters.cut);
}

static void accept_all(struct watch *watch, uint32_t events)
{
	struct acceptor *a = (struct acceptor *)watch;
	int on = 1, fd;

	(void)events;
	while ((fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct session *s = new_object(struct session);

		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		s->watch.fd = fd;
		s->watch.ready = ready;
		s->server = a->server;
		a->server->counters.accepted++;
		a->server->counters.active++;
		loop_add(&a->server->loop, &s->watch, (uint32_t)STREAM_EVENTS);
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		fail("accept: %s", err_reason(-errno));
}

/* Its port, or 0. */
static uint16_t listen_on(struct server *server, const struct net_address *address)
{
	struct acceptor *a = new_object(struct acceptor);
	struct net_address bound = { .len = sizeof(bound.storage) };
	int on = 1;

	a->server = server;
	a->watch.ready = accept_all;
	a->watch.fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	(void)setsockopt(a->watch.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(a->watch.fd, &address->any, address->len) < 0 ||
	    listen(a->watch.fd, BACKLOG) < 0 ||
	    getsockname(a->watch.fd, &bound.any, &bound.len) < 0)
		fail("listen: %s", err_reason(-errno));

	loop_add(&server->loop, &a->watch, EPOLLIN);
	return (uint16_t)MAX(net_address_port(&bound), 0);
}

int load_serve(const struct options *o)
{
	struct server server = { 0 };
	struct net_address address;
	uint16_t tcp, udp;

	(void)files_allow(FILES);
	loop_init(&server.loop);
	(void)net_address_parse("127.0.0.1", AF_INET, o->port, &address);
	tcp = listen_on(&server, &address);
	serve_udp(&server, o->port, &udp);
	if (o->unix_path) {
		if (net_address_unix(o->unix_path, true, &address) < 0)
			fail("--unix %s: the path is too long", o->unix_path);
		(void)unlink(o->unix_path);
		(void)listen_on(&server, &address);
	}

	printf("{\"tcp\": %u, \"udp\": %u}\n", tcp, udp);
	(void)fflush(stdout);
	loop_run(&server.loop);
	return 0;
}
