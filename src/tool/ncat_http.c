/* SPDX-License-Identifier: MIT */
/* An HTTP proxy; see ncat_http.h.  Its codec is proto/http_request.h. */

#include "tool/ncat_http.h"

#include "base/clock.h"
#include "base/str.h"
#include "proto/base64.h"
#include "proto/http_request.h"
#include "task/task.h"
#include "tool/nc_dial.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
	REQUEST_LIMIT = 30 * CLOCK_US_PER_S,
	ANSWER_LIMIT = 300 * CLOCK_US_PER_S, /* for the target to think */
	BLOCK = 16384,
};

enum answer {
	ANSWER_CONNECTED,
	ANSWER_BAD,
	ANSWER_NO_LENGTH,
	ANSWER_LOGIN,
	ANSWER_SELF,
	ANSWER_METHOD,
	ANSWER_UNREACHABLE,
	ANSWERS,
};

static const char *const answers[] = {
	[ANSWER_CONNECTED] = "HTTP/1.0 200 OK\r\n\r\n",
	[ANSWER_BAD] = "HTTP/1.0 400 Bad Request\r\n\r\n",
	[ANSWER_NO_LENGTH] = "HTTP/1.0 400 Bad Request\r\n\r\n",
	[ANSWER_LOGIN] = "HTTP/1.0 407 Proxy Authentication Required\r\n"
			 "Proxy-Authenticate: Basic realm=\"Ncat\"\r\n\r\n",
	[ANSWER_SELF] = "HTTP/1.0 403 Forbidden\r\n\r\n",
	[ANSWER_METHOD] = "HTTP/1.0 405 Method Not Allowed\r\n"
			  "Allow: CONNECT, GET, HEAD, POST\r\n\r\n",
	[ANSWER_UNREACHABLE] = "HTTP/1.0 504 Gateway Timeout\r\n\r\n",
};
static_assert(ARRAY_SIZE(answers) == ANSWERS, "say every answer");

static int answer(struct stream *client, enum answer which)
{
	int r = stream_write_all(client, answers[which], strlen(answers[which]));

	return r < 0 ? r : which == ANSWER_CONNECTED ? 0 : -ECONNABORTED;
}

/* 0 once the head is there; what was read behind it is put back. */
static int hear_request(struct stream *client, struct buf *head, struct http_request *ret)
{
	auto_free char *data = mem_new(1, HTTP_REQUEST_MAX);
	int r = 1;

	while (r > 0) {
		ssize_t n = stream_read_wait(client, data, HTTP_REQUEST_MAX);

		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		buf_put(head, data, (size_t)n);
		r = http_request_parse(head->data, head->len, ret);
	}
	if (r == 0)
		stream_unread(client, head->data + ret->head_len, head->len - ret->head_len);
	return r;
}

static bool has_login(const struct ncat_options *o, const struct http_request *request)
{
	static const char scheme[] = "Basic ";
	auto_buf expected = { 0 };
	struct http_text value;

	if (!o->proxy_auth)
		return true;
	buf_put_text(&expected, scheme);
	base64_put(&expected, o->proxy_auth, strlen(o->proxy_auth));
	return http_request_header(request, "Proxy-Authorization", &value) &&
	       value.len == expected.len &&
	       strncasecmp(value.data, expected.data, sizeof(scheme) - 1) == 0 &&
	       memcmp(value.data + sizeof(scheme) - 1, expected.data + sizeof(scheme) - 1,
		      value.len - sizeof(scheme) + 1) == 0;
}

/* What is wrong with it?  ANSWER_CONNECTED: nothing. */
static enum answer judge(const struct ncat_options *o, const struct http_request *request)
{
	int64_t length;

	if (!has_login(o, request))
		return ANSWER_LOGIN;
	if (!str_word_is("CONNECT GET HEAD POST", request->method))
		return ANSWER_METHOD;
	if (http_request_length(request, &length) < 0)
		return ANSWER_BAD;
	if (str_equal(request->method, "POST") && length < 0)
		return ANSWER_NO_LENGTH;
	return ANSWER_CONNECTED;
}

/* Asking ourselves would never end; a tunnel to ourselves is as good as any. */
static bool is_self(const struct http_request *request, const struct stream *client,
		    const struct net_address *target)
{
	struct net_address local;

	return !request->is_connect && net_address_local(client->rfd, &local) == 0 &&
	       net_address_equal(&local, target);
}

/* ANSWER_CONNECTED and the target, or another answer; negative: the end of this program. */
static int reach(struct ncat *n, const struct http_request *request, const struct stream *client,
		 struct stream **ret)
{
	struct nc_place place = n->o->place;
	struct net_address to;
	struct err err = { 0 };
	auto_close int fd = -1;
	int r;

	place.host = request->host;
	place.proxy.host = NULL;
	r = nc_dial(&place, request->port, &fd, &to, &err);
	if (r == -ECANCELED)
		return r;
	if (r <= 0) {
		if (n->o->verbose)
			ncat_say("%s:%u cannot be reached.", request->host, request->port);
		return ANSWER_UNREACHABLE;
	}
	if (is_self(request, client, &to))
		return ANSWER_SELF;
	*ret = nc_stream(take_fd(&fd));
	return ANSWER_CONNECTED;
}

/* The client's request, with its body. */
static int ask(struct stream *client, struct stream *target, const struct http_request *request)
{
	auto_free char *data = mem_new(1, BLOCK);
	auto_buf head = { 0 };
	int64_t left;
	int r = http_request_length(request, &left);

	http_request_put(&head, request);
	if (r == 0)
		r = stream_write_all(target, head.data, head.len);
	while (r == 0 && left > 0) {
		ssize_t n = stream_read_wait(client, data, (size_t)MIN(left, (int64_t)BLOCK));

		(void)task_deadline(clock_after(REQUEST_LIMIT)); /* as long as it goes on */
		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		r = stream_write_all(target, data, (size_t)n);
		left -= n;
	}
	return r;
}

/* The head of the target's answer; what follows it is left to the pump.  One that is none goes
 * to the client as it is. */
static int pass_answer(struct stream *client, struct stream *target)
{
	auto_free char *data = mem_new(1, HTTP_REQUEST_MAX);
	auto_buf heard = { 0 }, head = { 0 };
	ssize_t len = 0;

	(void)task_deadline(clock_after(ANSWER_LIMIT));
	while (len == 0) {
		ssize_t n = stream_read_wait(target, data, HTTP_REQUEST_MAX);

		if (n <= 0)
			return n < 0 ? (int)n : -EPIPE;
		buf_put(&heard, data, (size_t)n);
		len = http_answer_put(&head, heard.data, heard.len);
	}
	len = MAX(len, 0);
	stream_unread(target, heard.data + len, heard.len - (size_t)len);
	return stream_write_all(client, head.data, head.len);
}

/* Up to where only bytes flow. */
static int introduce(struct stream *client, struct stream *target,
		     const struct http_request *request)
{
	int r;

	if (request->is_connect)
		return answer(client, ANSWER_CONNECTED);
	r = ask(client, target, request);
	return r < 0 ? r : pass_answer(client, target);
}

static int serve(struct ncat *n, struct stream *client, struct stream **ret_target)
{
	struct http_request request;
	auto_buf head = { 0 };
	enum answer wrong;
	int r = hear_request(client, &head, &request);

	if (r == -EPROTO || r == -EMSGSIZE || r == -EOPNOTSUPP)
		return answer(client, ANSWER_BAD);
	if (r < 0)
		return r;
	wrong = judge(n->o, &request);
	if (wrong != ANSWER_CONNECTED)
		return answer(client, wrong);
	r = reach(n, &request, client, ret_target);
	if (r < 0)
		return r;
	if (r != ANSWER_CONNECTED)
		return answer(client, (enum answer)r);
	return introduce(client, *ret_target, &request);
}

int ncat_http_serve(struct ncat *n, struct stream **client, const struct nc_couple_plan *plan)
{
	int64_t before = task_deadline(clock_after(REQUEST_LIMIT));
	auto_stream target = NULL;
	int r = serve(n, *client, &target);

	(void)task_deadline(before);
	return r < 0 ? r : nc_couple_start(client, &target, plan);
}
