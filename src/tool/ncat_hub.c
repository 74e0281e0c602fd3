/* SPDX-License-Identifier: MIT */
/* Clients that hear each other; see ncat_hub.h.
 *
 * A member lives as long as somebody holds it: its reader, its writer, and whoever is
 * about to give it something.  It is `gone` once nothing can be given to it any more;
 * its reader then ends, too. */

#include "tool/ncat_hub.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "task/task.h"
#include "tool/nc_chat.h"
#include "tool/nc_text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PORTION = 16 * 1024,
	QUEUE_MOST = 256 * 1024, /* what may wait for a client before others wait for it */
	STALL_LIMIT = 30 * CLOCK_US_PER_S,
	HANDSHAKE_LIMIT = 30 * CLOCK_US_PER_S,
	CLOSE_LIMIT = CLOCK_US_PER_S,
};

struct ncat_member {
	struct link link;
	struct ncat_hub *hub;
	struct stream *stream;
	struct buf queue; /* what waits for it */
	unsigned int holders;
	bool writing, gone;
	bool is_client; /* not standard output */
	enum nc_telnet telnet;
	int number; /* userN */
	char host[NET_HOST_TEXT];
};

static void hold(struct ncat_member *m)
{
	m->holders++;
}

static void release(struct ncat_member *m)
{
	if (--m->holders)
		return;
	link_remove(&m->link);
	m->hub->count -= m->is_client;
	(void)stream_free(m->stream);
	buf_done(&m->queue);
	free(m);
}

/* Its reader finds out by itself. */
static void send_away(struct ncat_member *m)
{
	m->gone = true;
	if (m->is_client)
		(void)shutdown(m->stream->rfd, SHUT_RDWR);
}

/* Writing. */

static int wait_to_write(const struct ncat_member *m)
{
	struct pollfd p = stream_poll_write(m->stream);
	int64_t before = task_deadline(m->is_client ? clock_after(STALL_LIMIT) : CLOCK_NEVER);
	int r = task_wait(p.fd, p.events);

	(void)task_deadline(before);
	return r;
}

/* Writes until no more than that is left.  Several may do so at the same time. */
static void drain(struct ncat_member *m, size_t left)
{
	while (!m->gone && m->queue.len > left) {
		ssize_t n = stream_write(m->stream, m->queue.data, m->queue.len);

		if (n == -EAGAIN)
			n = wait_to_write(m);
		else if (n > 0)
			buf_drop(&m->queue, (size_t)n);
		if (n == -ETIMEDOUT && m->hub->n->o->verbose)
			ncat_say("%s takes nothing any more.", m->host);
		if (n < 0)
			send_away(m);
	}
}

static void tell_end(struct ncat_member *m)
{
	if (m->hub->input_over && !m->hub->n->o->no_shutdown && m->is_client && !m->gone &&
	    !m->hub->n->o->broker)
		(void)stream_shut(m->stream);
}

static void run_writer(void *arg)
{
	struct ncat_member *m = arg;

	drain(m, 0);
	m->writing = false;
	tell_end(m);
	release(m);
}

static void give(struct ncat_member *m, const void *data, size_t len)
{
	if (m->gone)
		return;
	buf_put(&m->queue, data, len);
	if (!m->writing) {
		m->writing = true;
		hold(m);
		if (task_start(run_writer, m) < 0) {
			m->writing = false;
			send_away(m);
			release(m);
		}
	}
	if (m->queue.len > QUEUE_MOST) {
		hold(m);
		drain(m, QUEUE_MOST);
		release(m);
	}
}

/* To everybody but the speaker, who may be NULL. */
static void tell_all(struct ncat_hub *hub, const struct ncat_member *speaker, const void *data,
		     size_t len)
{
	struct link *next;

	for (struct link *at = hub->members.next; at != &hub->members; at = next) {
		struct ncat_member *m = link_owner(at, struct ncat_member, link);

		hold(m);
		if (m != speaker && m->is_client) {
			ncat_passed(hub->n, NC_SENT, data, len);
			give(m, data, len);
		}
		next = at->next;
		release(m);
	}
}

/* Chat. */

static void announce_arrival(struct ncat_member *m)
{
	struct ncat_hub *hub = m->hub;
	auto_buf text = { 0 };
	size_t others = 0;

	buf_format(&text, "<announce> %s is connected as <user%d>.\n", m->host, m->number);
	buf_put_text(&text, "<announce> already connected: ");
	for (struct link *at = hub->members.next; at != &hub->members; at = at->next) {
		const struct ncat_member *other = link_owner(at, struct ncat_member, link);

		if (other == m || !other->is_client || other->gone)
			continue;
		buf_format(&text, "%s%s as <user%d>", others++ ? ", " : "", other->host,
			   other->number);
	}
	buf_format(&text, "%s.\n", others ? "" : "nobody");
	tell_all(hub, NULL, text.data, text.len);
}

static void announce_departure(struct ncat_member *m)
{
	auto_free char *text = str_format("<announce> <user%d> is disconnected.\n", m->number);

	tell_all(m->hub, m, text, strlen(text));
}

/* Reading. */

static void answer_telnet(struct ncat_member *m, const uint8_t *data, size_t len)
{
	uint8_t answer[PORTION / 8 + 2];
	size_t at = 0;

	for (; at < len; at += sizeof(answer) - 2) {
		size_t n = nc_text_telnet(&m->telnet, data + at, MIN(len - at, sizeof(answer) - 2),
					  answer);

		if (n)
			give(m, answer, n);
	}
}

/* A client has said something. */
static void hear(struct ncat_member *m, const uint8_t *data, size_t len)
{
	struct ncat_hub *hub = m->hub;
	const struct ncat_options *o = hub->n->o;

	hub->active_at = clock_now();
	ncat_passed(hub->n, NC_RECEIVED, data, len);
	if (o->telnet)
		answer_telnet(m, data, len);
	if (o->send_only)
		return;
	if (o->chat) {
		auto_buf text = { 0 };

		nc_chat_put(&text, m->number, data, len);
		tell_all(hub, m, text.data, text.len);
	} else if (o->broker) {
		tell_all(hub, m, data, len);
	} else {
		give(hub->out, data, len);
	}
}

/* 0, or the client is not let in. */
static int secure(struct ncat_member *m)
{
	int64_t before = task_deadline(clock_after(HANDSHAKE_LIMIT));
	struct err err = { 0 };
	int r = nc_tls_over(m->hub->n->tls, &m->stream, NULL, &err);

	(void)task_deadline(before);
	if (r < 0 && r != -ECANCELED && m->hub->n->o->verbose)
		ncat_say("Failed SSL connection from %s: %s", m->host, err.text);
	return r;
}

static void listen_to(struct ncat_member *m)
{
	const struct ncat_options *o = m->hub->n->o;
	auto_free uint8_t *data = mem_new(1, PORTION);
	ssize_t n = 1;

	while (n > 0 && !m->gone) {
		n = stream_read_wait(m->stream, data, PORTION);
		if (n > 0)
			hear(m, data, (size_t)n);
		if (n > 0 && o->delay && task_sleep(o->delay) < 0)
			return;
	}
	if (n == 0 && o->send_only && !m->gone)
		(void)task_wait(m->stream->rfd, 0); /* who has nothing to say may listen */
}

static void begin_input(struct ncat_hub *hub);

static void run_reader(void *arg)
{
	struct ncat_member *m = arg;
	struct ncat_hub *hub = m->hub;

	if (hub->n->tls && secure(m) < 0) {
		release(m);
		return;
	}
	list_append(&hub->members, &m->link);
	hub->active_at = clock_now();
	if (hub->n->o->chat)
		announce_arrival(m);
	begin_input(hub);
	if (!m->writing)
		tell_end(m);
	listen_to(m);
	if (hub->n->o->chat)
		announce_departure(m);
	drain(m, 0); /* it may only have said its last word */
	m->gone = true;
	release(m);
}

void ncat_hub_add(struct ncat_hub *hub, int fd, const struct net_address *peer)
{
	struct ncat_member *m = new_object(struct ncat_member);

	*m = (struct ncat_member){
		.hub = hub, .stream = nc_stream(fd), .holders = 1, .is_client = true, .number = fd
	};
	(void)ncat_host(peer, m->host, sizeof(m->host));
	hub->count++;
	if (task_start(run_reader, m) < 0)
		release(m);
}

/* Standard input. */

/* All that was to be sent is sent. */
static void finish_sending(struct ncat_hub *hub)
{
	struct link *next;

	for (struct link *at = hub->members.next; at != &hub->members; at = next) {
		struct ncat_member *m = link_owner(at, struct ncat_member, link);

		hold(m);
		drain(m, 0);
		next = at->next;
		release(m);
	}
	hub->finished(hub->context);
}

static void end_input(struct ncat_hub *hub)
{
	hub->input_over = true;
	for (struct link *at = hub->members.next; at != &hub->members; at = at->next) {
		struct ncat_member *m = link_owner(at, struct ncat_member, link);

		if (!m->writing)
			tell_end(m);
	}
	if (hub->n->o->send_only)
		finish_sending(hub);
}

static void send_input(struct ncat_hub *hub, const uint8_t *data, size_t len)
{
	hub->active_at = clock_now();
	if (hub->n->o->crlf) {
		auto_free uint8_t *lines = mem_new(2, len);

		tell_all(hub, NULL, lines, nc_text_crlf(&hub->after_cr, data, len, lines));
	} else {
		tell_all(hub, NULL, data, len);
	}
}

static bool is_heard(const struct ncat_hub *hub)
{
	return !list_is_empty(&hub->members);
}

/* Reads what is there, while there is somebody to hear it. */
static void run_input(void *arg)
{
	struct ncat_hub *hub = arg;
	auto_free uint8_t *data = mem_new(1, PORTION);
	ssize_t n = 1;

	while (n > 0 && is_heard(hub) && fd_is_ready(STDIN_FILENO, POLLIN)) {
		n = read(STDIN_FILENO, data, PORTION);
		if (n > 0)
			send_input(hub, data, (size_t)n);
		if (n > 0 && hub->n->o->delay && task_sleep(hub->n->o->delay) < 0)
			break;
	}
	hub->input_runs = false;
	if (n <= 0)
		end_input(hub);
	else if (is_heard(hub))
		hub->input.ready = 0; /* the next wakes us; else it waits for who comes next */
}

static void begin_input(struct ncat_hub *hub)
{
	if (hub->input_runs || hub->input_over || hub->n->o->recv_only || !is_heard(hub))
		return;
	if (hub->input.fd < 0 && watch_open(&hub->input, STDIN_FILENO) < 0)
		return;
	hub->input_runs = hub->input.ready != 0;
	if (hub->input_runs && task_start(run_input, hub) < 0)
		hub->input_runs = false;
}

static void wake_input(struct watch *watch)
{
	begin_input(link_owner(watch, struct ncat_hub, input));
}

/* All of it. */

static struct ncat_member *standard_output(struct ncat_hub *hub)
{
	struct ncat_member *m = new_object(struct ncat_member);

	*m = (struct ncat_member){ .hub = hub,
				   .stream = stream_new(-1, STDOUT_FILENO, END_KEEP),
				   .holders = 1 };
	return m;
}

void ncat_hub_open(struct ncat_hub *hub, struct ncat *n)
{
	*hub = (struct ncat_hub){ .n = n, .input = { .fd = -1, .wake = wake_input } };
	list_init(&hub->members);
	hub->out = n->o->broker ? NULL : standard_output(hub);
}

void ncat_hub_close(struct ncat_hub *hub)
{
	int64_t until = clock_after(CLOSE_LIMIT);

	for (struct link *at = hub->members.next; at != &hub->members; at = at->next)
		send_away(link_owner(at, struct ncat_member, link));
	while ((hub->count || hub->input_runs) && loop_turn(until) > 0)
		;
	watch_close(&hub->input);
	if (hub->out)
		release(hub->out);
}

int64_t ncat_hub_idle_at(const struct ncat_hub *hub)
{
	int64_t limit = hub->n->o->idle;

	return limit && hub->count ? hub->active_at + limit : CLOCK_NEVER;
}
