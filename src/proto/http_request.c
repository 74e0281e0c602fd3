/* SPDX-License-Identifier: MIT */
/* Requests to a proxy; see http_request.h. */

#include "proto/http_request.h"

#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { HTTP_PORT = 80 };

/* Lines */

static struct http_text next_line(struct http_text *rest)
{
	const char *end = memchr(rest->data, '\n', rest->len);
	size_t all = end ? (size_t)(end - rest->data) + 1 : rest->len;
	struct http_text line = { rest->data, end ? all - 1 : all };

	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	rest->data += all;
	rest->len -= all;
	return line;
}

/* Up to and with the empty line; 0: it has not come. */
static size_t head_length(const char *data, size_t len)
{
	struct http_text rest = { data, len };

	while (rest.len && memchr(rest.data, '\n', rest.len))
		if (next_line(&rest).len == 0 && rest.data - data > 2)
			return len - rest.len;
	return 0;
}

/* Takes a word off the front of a line. */
static struct http_text take_word(struct http_text *line)
{
	const char *end = memchr(line->data, ' ', line->len);
	struct http_text word = { line->data, end ? (size_t)(end - line->data) : line->len };
	size_t all = word.len + (end != NULL);

	line->data += all;
	line->len -= all;
	return word;
}

static bool has_only(struct http_text text, char low, char high)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < low || text.data[i] > high)
			return false;
	return true;
}

/* "host", "host:port", "[v6]:port" */
static int parse_authority(struct http_text text, long long port, struct http_request *ret)
{
	const char *close = text.len && *text.data == '[' ? memchr(text.data, ']', text.len) : NULL;
	const char *colon = memrchr(text.data, ':', text.len);
	struct http_text host = text;

	if (colon && (!close || colon > close)) {
		auto_free char *number =
			str_copy_n(colon + 1, text.len - (size_t)(colon - text.data) - 1);

		if (num_parse_decimal(number, 1, UINT16_MAX, &port) < 0)
			return -EPROTO;
		host.len = (size_t)(colon - text.data);
	}
	if (close) {
		if (host.data + host.len != close + 1)
			return -EPROTO;
		host = (struct http_text){ text.data + 1, (size_t)(close - text.data) - 1 };
	}
	if (!host.len || host.len >= sizeof(ret->host) || port == 0 ||
	    memchr(host.data, '@', host.len))
		return -EPROTO;
	memcpy(ret->host, host.data, host.len);
	ret->host[host.len] = '\0';
	ret->port = (uint16_t)port;
	return 0;
}

static int parse_target(struct http_text target, struct http_request *ret)
{
	static const char scheme[] = "http://";
	size_t len = sizeof(scheme) - 1, authority = 0;

	if (ret->is_connect)
		return parse_authority(target, 0, ret);
	if (target.len < len || strncasecmp(target.data, scheme, len) != 0)
		return -EOPNOTSUPP;
	target.data += len;
	target.len -= len;
	while (authority < target.len && !memchr("/?#", target.data[authority], 3))
		authority++;
	ret->path = (struct http_text){ target.data + authority, target.len - authority };
	target.len = authority;
	return parse_authority(target, HTTP_PORT, ret);
}

/* Each line has a name; none goes on in the next one (RFC 9112, section 5). */
static bool are_headers(struct http_text rest)
{
	while (rest.len) {
		struct http_text line = next_line(&rest);
		const char *colon = memchr(line.data, ':', line.len);

		if (line.len && (!colon || colon == line.data || memchr(" \t", *line.data, 2)))
			return false;
	}
	return true;
}

int http_request_parse(const char *data, size_t len, struct http_request *ret)
{
	struct http_text rest = { data, head_length(data, len) }, line, method, target;

	*ret = (struct http_request){ .head_len = rest.len };
	if (!rest.len)
		return len >= HTTP_REQUEST_MAX ? -EMSGSIZE : 1;
	line = next_line(&rest);
	method = take_word(&line);
	target = take_word(&line);
	if (!method.len || method.len >= sizeof(ret->method) || !has_only(method, 'A', 'Z') ||
	    !has_only(target, '!', '~') || line.len < 6 || memcmp(line.data, "HTTP/1", 6) != 0 ||
	    !are_headers(rest))
		return -EPROTO;
	memcpy(ret->method, method.data, method.len);
	ret->headers = rest;
	ret->is_connect = str_equal(ret->method, "CONNECT");
	return parse_target(target, ret);
}

/* Headers */

static bool is_header(struct http_text line, const char *name, struct http_text *ret_value)
{
	size_t len = strlen(name);

	if (line.len <= len || line.data[len] != ':' || strncasecmp(line.data, name, len) != 0)
		return false;
	*ret_value = (struct http_text){ line.data + len + 1, line.len - len - 1 };
	while (ret_value->len && memchr(" \t", *ret_value->data, 2)) {
		ret_value->data++;
		ret_value->len--;
	}
	return true;
}

bool http_request_header(const struct http_request *request, const char *name,
			 struct http_text *ret)
{
	struct http_text rest = request->headers;

	while (rest.len)
		if (is_header(next_line(&rest), name, ret))
			return true;
	return false;
}

int http_request_length(const struct http_request *request, int64_t *ret)
{
	struct http_text rest = request->headers, value;
	int64_t length = -1;

	while (rest.len) {
		struct http_text line = next_line(&rest);
		auto_free char *text = NULL;
		long long number;

		if (is_header(line, "Transfer-Encoding", &value))
			return -EPROTO;
		if (!is_header(line, "Content-Length", &value))
			continue;
		while (value.len && memchr(" \t", value.data[value.len - 1], 2))
			value.len--;
		text = str_copy_n(value.data, value.len);
		if (!has_only(value, '0', '9') ||
		    num_parse_decimal(text, 0, INT64_MAX, &number) < 0 ||
		    (length >= 0 && length != number))
			return -EPROTO;
		length = number;
	}
	*ret = length;
	return 0;
}

/* Is the line's name one of a list "a, b"? */
static bool is_listed(struct http_text line, struct http_text list)
{
	auto_free char *copy = str_copy_n(list.data, list.len);
	char *rest = copy, *word;
	struct http_text value;

	while ((word = strsep(&rest, ", \t")))
		if (*word && is_header(line, word, &value))
			return true;
	return false;
}

/* Meant for this connection alone (RFC 9110, section 7.6.1), or for the proxy.  Connection may
 * name others. */
static bool is_of_connection(struct http_text line, struct http_text headers)
{
	static const char *const names[] = {
		"Connection", "Keep-Alive", "Proxy-Connection",	  "Proxy-Authorization",
		"TE",	      "Upgrade",    "Proxy-Authenticate",
	};
	struct http_text value;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (is_header(line, names[i], &value))
			return true;
	while (headers.len)
		if (is_header(next_line(&headers), "Connection", &value) && is_listed(line, value))
			return true;
	return false;
}

/* What goes on to the other side, and the end of a head. */
static void put_headers(struct buf *out, struct http_text headers, bool with_host)
{
	struct http_text rest = headers, value;

	while (rest.len) {
		struct http_text line = next_line(&rest);

		if (!line.len || is_of_connection(line, headers) ||
		    (!with_host && is_header(line, "Host", &value)))
			continue;
		buf_put(out, line.data, line.len);
		buf_put_text(out, "\r\n");
	}
	buf_put_text(out, "Connection: close\r\n\r\n");
}

static void put_host(struct buf *out, const struct http_request *request)
{
	bool is_v6 = strchr(request->host, ':') != NULL;

	buf_format(out, "Host: %s%s%s", is_v6 ? "[" : "", request->host, is_v6 ? "]" : "");
	if (request->port != HTTP_PORT)
		buf_format(out, ":%u", request->port);
	buf_put_text(out, "\r\n");
}

void http_request_put(struct buf *out, const struct http_request *request)
{
	struct http_text path = request->path;

	buf_format(out, "%s ", request->method);
	if (!path.len || *path.data != '/')
		buf_put_byte(out, '/');
	buf_put(out, path.data, path.len);
	buf_put_text(out, " HTTP/1.0\r\n");
	put_host(out, request);
	put_headers(out, request->headers, false);
}

/* Answers */

ssize_t http_answer_put(struct buf *out, const char *data, size_t len)
{
	static const char version[] = "HTTP/1.";
	enum { VERSION = sizeof(version) - 1 }; /* and one digit */
	struct http_text rest = { data, head_length(data, len) }, line;
	size_t head_len = rest.len;

	if (memcmp(data, version, MIN(len, (size_t)VERSION)) != 0)
		return -EPROTO;
	if (!head_len)
		return len >= HTTP_REQUEST_MAX ? -EPROTO : 0;
	line = next_line(&rest);
	if (line.len <= VERSION)
		return -EPROTO;
	buf_put_text(out, "HTTP/1.0");
	buf_put(out, line.data + VERSION + 1, line.len - VERSION - 1);
	buf_put_text(out, "\r\n");
	put_headers(out, rest, true);
	return (ssize_t)head_len;
}
