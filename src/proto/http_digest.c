/* SPDX-License-Identifier: MIT */
/* Login by Digest; see http_digest.h. */

#include "proto/http_digest.h"

#include "base/str.h"
#include "proto/http_hash.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Challenges (RFC 9110, section 11.6.1): words, and a word without a value begins the next
 * challenge: Basic realm="x", Digest realm="y", nonce="z" */

struct item {
	const char *name;
	size_t name_len;
	bool has_value;
	char value[HTTP_DIGEST_TEXT_MAX];
};

static bool is_item(const struct item *item, const char *name)
{
	return item->name_len == strlen(name) && strncasecmp(item->name, name, item->name_len) == 0;
}

static const char *skip(const char *at, const char *end, const char *what)
{
	while (at < end && *at && strchr(what, *at))
		at++;
	return at;
}

static const char *skip_word(const char *at, const char *end)
{
	while (at < end && *at && !strchr(" \t,=\"", *at))
		at++;
	return at;
}

/* Behind the value; NULL: it does not end, is too long, or would break out of its line. */
static const char *take_value(const char *at, const char *end, char ret[HTTP_DIGEST_TEXT_MAX])
{
	bool quoted = at < end && *at == '"';
	size_t n = 0;

	for (at += quoted; at < end && !strchr(quoted ? "\"" : " \t,", *at); at++) {
		if (quoted && *at == '\\' && ++at == end)
			return NULL;
		if (n == HTTP_DIGEST_TEXT_MAX - 1 || (unsigned char)*at < ' ' || *at == 0x7f)
			return NULL;
		ret[n++] = *at;
	}
	if (quoted && at == end)
		return NULL;
	ret[n] = '\0';
	return at + quoted;
}

/* 1: *ret holds the next item; 0: there is none; -EPROTO. */
static int next_item(const char **at, const char *end, struct item *ret)
{
	const char *value;

	ret->name = skip(*at, end, " \t,");
	if (ret->name == end)
		return 0;
	*at = skip_word(ret->name, end);
	ret->name_len = (size_t)(*at - ret->name);
	if (!ret->name_len)
		return -EPROTO;
	value = skip(*at, end, " \t");
	ret->has_value = value < end && *value == '=';
	if (!ret->has_value)
		return 1;
	*at = take_value(skip(value + 1, end, " \t"), end, ret->value);
	return *at ? 1 : -EPROTO;
}

static bool has_auth(const char *list)
{
	auto_free char *copy = str_copy(list);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ", \t")))
		if (strcasecmp(word, "auth") == 0)
			return true;
	return false;
}

/* 0 or -EOPNOTSUPP. */
static int take_item(const struct item *item, struct http_digest *ret)
{
	if (is_item(item, "realm"))
		memcpy(ret->realm, item->value, sizeof(ret->realm));
	if (is_item(item, "nonce"))
		memcpy(ret->nonce, item->value, sizeof(ret->nonce));
	if (is_item(item, "opaque")) {
		memcpy(ret->opaque, item->value, sizeof(ret->opaque));
		ret->has_opaque = true;
	}
	if (is_item(item, "algorithm")) {
		ret->is_named = true;
		ret->sha256 = strcasecmp(item->value, "SHA-256") == 0;
		if (!ret->sha256 && strcasecmp(item->value, "MD5") != 0)
			return -EOPNOTSUPP;
	}
	if (is_item(item, "qop")) {
		ret->has_quality = true;
		return has_auth(item->value) ? 0 : -EOPNOTSUPP;
	}
	return 0;
}

int http_digest_parse(const char *value, size_t len, struct http_digest *ret)
{
	const char *at = value, *end = value + len;
	struct http_digest found = { 0 };
	bool ours = false;
	struct item item = { 0 };
	int r;

	while ((r = next_item(&at, end, &item)) > 0) {
		if (!item.has_value && ours)
			break;
		if (!item.has_value)
			ours = is_item(&item, "Digest");
		else if (ours && take_item(&item, &found) < 0)
			return -EOPNOTSUPP;
	}
	if (!ours)
		return r < 0 ? r : -ENOENT;
	if (r < 0 || !*found.nonce)
		return -EPROTO;
	*ret = found;
	return 0;
}

bool http_challenge_names(const char *value, size_t len, const char *scheme)
{
	const char *at = value, *end = value + len;
	struct item item = { 0 };

	while (next_item(&at, end, &item) > 0)
		if (!item.has_value && is_item(&item, scheme))
			return true;
	return false;
}

/* The answer. */

static int hash_of(const struct http_digest *c, const struct buf *text, char ret[HTTP_HASH_TEXT],
		   struct err *err)
{
	return http_hash(c->sha256 ? "SHA256" : "MD5", text->data, text->len, ret, err);
}

static const char count[] = "00000001"; /* a nonce is used once */

static int respond(const struct http_digest *c, const struct http_digest_use *use,
		   char ret[HTTP_HASH_TEXT], struct err *err)
{
	size_t user_len = strcspn(use->login, ":");
	const char *password = use->login + user_len + (use->login[user_len] == ':');
	char who[HTTP_HASH_TEXT], what[HTTP_HASH_TEXT];
	auto_buf secret = { 0 }, request = { 0 }, all = { 0 };
	int r;

	buf_format(&secret, "%.*s:%s:%s", (int)user_len, use->login, c->realm, password);
	r = hash_of(c, &secret, who, err);
	explicit_bzero(secret.data, secret.size);
	buf_format(&request, "%s:%s", use->method, use->uri);
	if (r == 0)
		r = hash_of(c, &request, what, err);
	if (r < 0)
		return r;
	buf_format(&all, "%s:%s:", who, c->nonce);
	if (c->has_quality)
		buf_format(&all, "%s:%s:auth:", count, c->cnonce);
	buf_put_text(&all, what);
	return hash_of(c, &all, ret, err);
}

static void put_quoted(struct buf *out, const char *name, const char *text, size_t len)
{
	buf_format(out, "%s=\"", name);
	for (size_t i = 0; i < len; i++) {
		if (memchr("\"\\", text[i], 2))
			buf_put_byte(out, '\\');
		buf_put_byte(out, text[i]);
	}
	buf_put_byte(out, '"');
}

static bool is_one_line(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

int http_digest_put(struct buf *out, const struct http_digest *c, const struct http_digest_use *use,
		    struct err *err)
{
	size_t user_len = strcspn(use->login, ":");
	char response[HTTP_HASH_TEXT];
	int r;

	if (!is_one_line(use->login, user_len))
		return err_set(err, -EILSEQ, "the user's name has a control character");
	r = respond(c, use, response, err);
	if (r < 0)
		return r;
	put_quoted(out, "Digest username", use->login, user_len);
	put_quoted(out, ", realm", c->realm, strlen(c->realm));
	put_quoted(out, ", nonce", c->nonce, strlen(c->nonce));
	put_quoted(out, ", uri", use->uri, strlen(use->uri));
	if (c->is_named)
		buf_format(out, ", algorithm=%s", c->sha256 ? "SHA-256" : "MD5");
	if (c->has_quality)
		buf_format(out, ", qop=auth, nc=%s, cnonce=\"%s\"", count, c->cnonce);
	buf_format(out, ", response=\"%s\"", response);
	if (c->has_opaque)
		put_quoted(out, ", opaque", c->opaque, strlen(c->opaque));
	return 0;
}
