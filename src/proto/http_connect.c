/* SPDX-License-Identifier: MIT */
/* The client's half of HTTP CONNECT. */

#include "proto/http_connect.h"

#include "base/str.h"
#include "proto/base64.h"
#include "proto/http_request.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { CODE_DIGITS = 3 };

static bool is_version(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits)
		return false;
	text += digits;
	return !*text || (*text == '.' && text[1] && !text[1 + strspn(text + 1, "0123456789")]);
}

static bool is_word(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

static void put_host_port(struct buf *out, const struct proxy_target *target)
{
	bool bare_ip6 = *target->host != '[' && strchr(target->host, ':');

	buf_format(out, bare_ip6 ? "[%s]:%u" : "%s:%u", target->host, target->port);
}

static int put_login(struct buf *out, const struct http_connect_request *request, struct err *err)
{
	auto_buf uri = { 0 };
	int r = 0;

	buf_format(out, "Proxy-authorization: %s", request->digest ? "" : "Basic ");
	if (request->digest) {
		put_host_port(&uri, &request->target);
		r = http_digest_put(
			out, request->digest,
			&(struct http_digest_use){ request->login, "CONNECT", buf_text(&uri) },
			err);
	} else {
		base64_put(out, request->login, strlen(request->login));
	}
	buf_put_text(out, "\r\n");
	return r;
}

int http_connect_put_request(struct buf *out, const struct http_connect_request *request,
			     struct err *err)
{
	const char *host = request->target.host;
	int r;

	if (!*host || !is_word(host))
		return err_set(err, -EINVAL, "host name %s",
			       *host ? "has a blank or a control character" : "is missing");
	if (!is_version(request->version))
		return err_set(err, -EINVAL, "HTTP version is not a number such as 1.0");
	buf_put_text(out, "CONNECT ");
	put_host_port(out, &request->target);
	buf_format(out, " HTTP/%s\r\n", request->version);
	if (!str_equal(request->version, "1.0")) { /* RFC 9112, section 3.2 */
		buf_put_text(out, "Host: ");
		put_host_port(out, &request->target);
		buf_put_text(out, "\r\n");
	}
	if (request->login) {
		r = put_login(out, request, err);
		if (r < 0)
			return r;
	}
	buf_put_text(out, "\r\n");
	return 0;
}

/* Is this the beginning of an HTTP/1 answer, as far as it has come? */
static bool may_be_http(const char *data, size_t len)
{
	static const char *const begins[] = { "HTTP/1.0 ", "HTTP/1.1 " };
	size_t n = MIN(len, strlen(begins[0]));

	return memcmp(data, begins[0], n) == 0 || memcmp(data, begins[1], n) == 0;
}

/* The three digits after the version and blanks; -1: there are none. */
static int status_code(const char *line, size_t len)
{
	const char *at = memchr(line, ' ', len), *end = line + len;
	int code = 0;

	while (at && at < end && *at == ' ')
		at++;
	if (!at || end - at < CODE_DIGITS || (end - at > CODE_DIGITS && at[CODE_DIGITS] != ' '))
		return -1;
	for (int i = 0; i < CODE_DIGITS; i++) {
		if (!isdigit((unsigned char)at[i]))
			return -1;
		code = 10 * code + at[i] - '0';
	}
	return code;
}

/* What a proxy says about a no, after the code; "" if nothing. */
static const char *phrase(const char *text)
{
	text += strcspn(text, " ");
	text += strspn(text, " ");
	text += MIN(strlen(text), (size_t)CODE_DIGITS); /* a long line was cut */
	return text + strspn(text, " ");
}

static int get_status(const char *line, size_t len, struct proxy_answer *ret, struct err *err)
{
	(void)str_escape(line, len, ret->text, sizeof(ret->text));
	ret->code = status_code(line, len);
	if (ret->code < 0)
		return err_set(err, -EPROTO, "proxy answers without a status code: \"%s\"",
			       ret->text);
	if (ret->code != HTTP_OK)
		return err_set(err, ret->code == HTTP_PROXY_LOGIN ? -EACCES : -ECONNREFUSED,
			       *phrase(ret->text) ? "%s (status %d)" : "refused%s (status %d)",
			       phrase(ret->text), ret->code);
	return 0;
}

/* The fewest bytes that can complete the head after an unfinished line. */
static ssize_t still_missing(const char *line, size_t len, bool first, bool bare)
{
	bool ends_in_cr = len && line[len - 1] == '\r', empty = !first && len == ends_in_cr;

	if (bare)
		return empty ? 1 : 2;
	return (empty ? 2 : 4) - ends_in_cr;
}

/* The first challenge among the headers that we can answer. */
static void find_challenge(const char *headers, size_t len, struct proxy_answer *ret)
{
	struct http_request head = { .headers = { headers, len } };
	const char *end = headers + len;
	struct http_text value;

	ret->digest_trouble = -ENOENT;
	while (http_request_header(&head, "Proxy-Authenticate", &value)) {
		int r = *ret->digest.nonce ? -ENOENT
					   : http_digest_parse(value.data, value.len, &ret->digest);

		if (r != -ENOENT)
			ret->digest_trouble = r;
		ret->has_challenge = true;
		ret->has_basic |= http_challenge_names(value.data, value.len, "Basic");
		head.headers.data = value.data + value.len;
		head.headers.len = (size_t)(end - head.headers.data);
	}
}

static ssize_t get_answer(const char *data, size_t len, bool bare, struct proxy_answer *ret,
			  struct err *err)
{
	const char *line = data, *end = data + len, *newline;
	char begin[4 * 8 + 1];
	int r = 0;

	if (!may_be_http(data, len))
		return err_set(err, -EPROTO, "proxy answers \"%s\", this is not HTTP/1",
			       str_escape(data, MIN(len, 8), begin, sizeof(begin)));
	for (; (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1) {
		size_t width = (size_t)(newline - line);
		bool has_cr = width && line[width - 1] == '\r';

		if (!has_cr && !bare)
			return err_set(err, -EPROTO,
				       "a line of the proxy's answer ends without CR");
		width -= has_cr;
		if (line == data) {
			r = get_status(line, width, ret, err);
			if (r < 0 && !(bare && r == -EACCES))
				return r;
		} else if (!width) {
			if (r < 0)
				find_challenge(data, (size_t)(line - data), ret);
			return r;
		}
	}
	return still_missing(line, (size_t)(end - line), line == data, bare);
}

ssize_t http_connect_get_answer(const void *data, size_t len, struct proxy_answer *ret,
				struct err *err)
{
	return get_answer(data, len, false, ret, err);
}

ssize_t http_connect_get_answer_bare(const void *data, size_t len, struct proxy_answer *ret,
				     struct err *err)
{
	return get_answer(data, len, true, ret, err);
}

static int talk(struct stream *s, const struct http_connect_request *request,
		struct proxy_answer *ret, struct err *err)
{
	auto_buf out = { 0 };
	int r;

	r = http_connect_put_request(&out, request, err);
	if (r == 0)
		r = proxy_say(s, &out, "proxy", err);
	if (out.data)
		explicit_bzero(out.data, out.size);
	if (r < 0)
		return r;
	r = proxy_hear(
		s, request->bare_newlines ? http_connect_get_answer_bare : http_connect_get_answer,
		HTTP_HEAD_MAX, "proxy", ret, err);
	if ((r == -EPIPE || r == -ECONNRESET) && ret->code == HTTP_PROXY_LOGIN)
		return -EACCES; /* it has said enough */
	return r;
}

int http_connect(struct stream *s, const struct http_connect_request *request,
		 struct proxy_answer *ret, struct err *err)
{
	auto_buf target = { 0 };
	struct err reason = { 0 };
	int r;

	*ret = (struct proxy_answer){ .code = -1 };
	r = talk(s, request, ret, &reason);
	if (r == 0)
		return 0;
	put_host_port(&target, &request->target);
	return err_set(err, r, "CONNECT %s: %s", buf_text(&target), reason.text);
}
