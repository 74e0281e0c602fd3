/* SPDX-License-Identifier: MIT */
/* Proxies; see nc_proxy.h.  A proxy that wants a login (HTTP 407) gets a new connection
 * for each attempt, as it may have closed the old one. */

#include "tool/nc_proxy.h"

#include "base/str.h"
#include "net/resolve.h"
#include "proto/http_connect.h"
#include "proto/socks4.h"
#include "proto/socks5.h"
#include "task/task.h"
#include "tool/nc_dial.h"
#include "tool/nc_password.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { CONNECTIONS_MAX = 4, TRY_AGAIN = 1 };

/* An attempt to be connected to the target by the proxy behind a stream. */
struct talk {
	const struct nc_place *place;
	struct proxy_target target;
	struct proxy_answer answer;
	const char *login;	   /* "user:password"; NULL: none yet */
	struct http_digest digest; /* how the proxy wants it; nonce empty: as Basic */
};

/* The proxy hung up, or the connection broke, or it did not answer in time. */
static int broken(const struct talk *t, int r, size_t wanted, struct err *err)
{
	if (r == -ECANCELED)
		return r;
	if (r == -EPIPE || r == -ECONNRESET)
		return err_set(err, r, "read failed (%zu/%zu): %s", t->answer.got, wanted,
			       err_reason(r));
	return r; /* with the sentence of the protocol */
}

/* SOCKS5 */

static const char *socks5_text(int code)
{
	static const char *const texts[] = {
		"Success",
		"General SOCKS server failure",
		"Connection not allowed by ruleset",
		"Network unreachable",
		"Host unreachable",
		"Connection refused",
		"TTL expired",
		"Command not supported",
		"Address type not supported",
	};

	return code > 0 && (size_t)code < ARRAY_SIZE(texts) ? texts[code] : "Unknown error";
}

/* The greeting is as long as three bytes in the sentence, though two are its all: so says
 * the original. */
enum { GREETING_SIZE = 2, GREETING_SAID = 3, REPLY_HEAD = 4 };

static int greet_socks5(struct talk *t, struct stream *s, struct err *err)
{
	static const struct proxy_login nobody = { NULL, NULL };
	auto_buf out = { 0 };
	int r;

	socks5_put_methods(&out, &nobody);
	r = proxy_say(s, &out, "SOCKS5 server", err);
	if (r == 0)
		r = proxy_hear(s, socks5_get_method, GREETING_SIZE, "SOCKS5 server", &t->answer,
			       err);
	if (r == -EACCES)
		return err_set(err, r, "authentication method negotiation failed");
	return r < 0 ? broken(t, r, GREETING_SAID, err) : 0;
}

/* The two halves of a login that is known. */
static char *login_part(const struct talk *t, bool password)
{
	const char *login = t->login ? t->login : "";
	size_t len = strcspn(login, ":");

	return password ? str_copy(login[len] ? login + len + 1 : "") : str_copy_n(login, len);
}

static int login_socks5(struct talk *t, struct stream *s, struct err *err)
{
	auto_free char *user = login_part(t, false), *password = login_part(t, true);
	struct proxy_login login = { user, password };

	return socks5_connect(s, &t->target, &login, &t->answer, err);
}

static int talk_socks5(struct talk *t, struct stream *s, struct err *err)
{
	auto_buf out = { 0 };
	int r;

	if (t->login)
		return login_socks5(t, s, err);

	r = socks5_put_request(&out, SOCKS5_CONNECT, &t->target, err);
	if (r < 0)
		return err_set(err, r, "host name too long for SOCKS5");
	r = greet_socks5(t, s, err);
	if (r < 0)
		return r;

	r = proxy_say(s, &out, "SOCKS5 server", err);
	if (r == 0)
		r = proxy_hear(s, socks5_get_reply, SOCKS5_ANSWER_MAX, "SOCKS5 server", &t->answer,
			       err);
	if (r == -ECONNREFUSED)
		return err_set(err, r, "connection failed, SOCKSv5 error: %s",
			       socks5_text(t->answer.code));
	return r < 0 ? broken(t, r, REPLY_HEAD, err) : 0;
}

/* SOCKS4 and 4A */

static const char *socks4_text(int code)
{
	static const char *const texts[] = {
		"Request rejected or failed",
		"SOCKS server cannot connect to identd on the client",
		"Client program and identd report different user-ids",
	};
	int i = code - SOCKS4_GRANTED - 1;

	return i >= 0 && (size_t)i < ARRAY_SIZE(texts) ? texts[i] : "Unknown error";
}

static int resolve_for_socks4(const struct talk *t, struct in_addr *ret, struct err *err)
{
	auto_addresses list = { 0 };
	struct net_query query = {
		.host = t->target.host,
		.family = AF_INET,
		.type = SOCK_STREAM,
		.numeric = t->place->numeric,
	};
	int r;

	r = net_resolve(&query, &list, NULL);
	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return err_set(err, r, "getaddrinfo(\"%s\", \"%u\"): %s", t->target.host,
			       t->target.port, net_reason(r));
	*ret = list.items[0].in.sin_addr;
	return 0;
}

/* Only names are for 4A: a server that does not know it understands numbers all the same. */
static int name_socks4_target(const struct talk *t, struct socks4_request *request, struct err *err)
{
	struct net_address numeric;

	if (t->place->proxy.kind != NC_PROXY_SOCKS4A)
		return resolve_for_socks4(t, &request->address, err);
	if (net_address_parse(t->target.host, AF_INET, 0, &numeric) == 0) {
		request->address = numeric.in.sin_addr;
		return 0;
	}
	if (net_address_parse(t->target.host, AF_INET6, 0, &numeric) == 0)
		return err_set(err, -EAFNOSUPPORT, "IPv6 addresses are not supported with SOCKS4");
	request->name = t->target.host;
	return 0;
}

/* There is no password: who logs in as "user:password" is that to the proxy. */
static int talk_socks4(struct talk *t, struct stream *s, struct err *err)
{
	struct socks4_request request = { .port = t->target.port,
					  .user = t->login ? t->login : "" };
	int r = name_socks4_target(t, &request, err);

	if (r < 0)
		return r;

	r = socks4_connect(s, &request, &t->answer, err);
	if (r == -ECONNREFUSED)
		return err_set(err, r, "connection failed, SOCKSv4 error: %s",
			       socks4_text(t->answer.code));
	return r < 0 ? broken(t, r, SOCKS4_REPLY_SIZE, err) : 0;
}

/* HTTP */

/* May the password be sent as it is?  The original of -P sends it whatever is asked for; a proxy
 * that says nothing about that still gets it from -P, but not from ncat, as with nmap's. */
static bool takes_basic(const struct talk *t)
{
	return t->answer.has_basic || (t->place->proxy.user && !t->answer.has_challenge);
}

static int refuse_login(const struct talk *t, struct err *err)
{
	int trouble = t->answer.digest_trouble;

	if (trouble && trouble != -ENOENT)
		return err_set(err, -EACCES,
			       "the proxy wants Digest authentication of a kind that is not known "
			       "here (MD5 and SHA-256 are, with quality auth)");
	return err_set(err, -EOPNOTSUPP,
		       "the proxy offers neither Basic nor Digest authentication");
}

/* TRY_AGAIN, as the proxy wants; who asks for Digest does not get the password itself. */
static int choose_login(struct talk *t, struct err *err)
{
	uint64_t chance;

	t->digest = t->answer.digest;
	if (!*t->digest.nonce && !takes_basic(t))
		return refuse_login(t, err);
	if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
		return err_set(err, -EIO, "getrandom(): %s", err_reason(-EIO));
	(void)snprintf(t->digest.cnonce, sizeof(t->digest.cnonce), "%016" PRIx64, chance);
	return TRY_AGAIN;
}

static int talk_http(struct talk *t, struct stream *s, struct err *err)
{
	struct http_connect_request request = {
		.target = t->target,
		.version = "1.0",
		.login = t->login,
		.digest = *t->digest.nonce ? &t->digest : NULL,
		.bare_newlines = true,
	};
	int r = -EINVAL;

	if (!strpbrk(t->target.host, "\r\n\t []"))
		r = http_connect(s, &request, &t->answer, err);
	switch (r) {
	case -EINVAL:
		return err_set(err, r, "Invalid hostname");
	case -EACCES:
		if (t->place->proxy.user || (t->place->proxy.login && !t->login))
			return choose_login(t, err);
		return err_set(err, r, "Proxy error: \"%s\"", t->answer.text);
	case -ECONNREFUSED:
		return err_set(err, r, "Proxy error: \"%s\"", t->answer.text);
	case -EMSGSIZE:
		return err_set(err, r, "proxy read too long");
	case -EPIPE:
	case -ECONNRESET:
		return err_set(err, r, "proxy read: %s", err_reason(r));
	default:
		return r;
	}
}

static int ask_password(const struct nc_proxy *proxy, char **ret_login, struct err *err)
{
	auto_free char *prompt = str_format("Proxy password for %s@%s: ", proxy->user, proxy->host);
	char password[NC_PASSWORD_MAX];
	ssize_t n = nc_password(prompt, password);

	if (n == -ECANCELED)
		return -ECANCELED;
	if (n < 0)
		return err_set(err, (int)n, "Unable to read proxy passphrase");
	*ret_login = str_format("%s:%s", proxy->user, password);
	explicit_bzero(password, sizeof(password));
	return 0;
}

/* All of them */

typedef int talk_fn(struct talk *t, struct stream *s, struct err *err);

static const struct kind {
	talk_fn *talk;
	const char *port; /* the usual one */
} kinds[] = {
	[NC_PROXY_SOCKS5] = { talk_socks5, "1080" },
	[NC_PROXY_SOCKS4] = { talk_socks4, "1080" },
	[NC_PROXY_SOCKS4A] = { talk_socks4, "1080" },
	[NC_PROXY_HTTP] = { talk_http, "3128" },
};

static int find_port(const struct nc_place *place, uint16_t *ret, struct err *err)
{
	const struct nc_proxy *proxy = &place->proxy;
	const char *port = proxy->port ? proxy->port : kinds[proxy->kind].port;

	if (net_resolve_port(port, IPPROTO_TCP, ret) < 0)
		return err_set(err, -EINVAL, "getaddrinfo for host \"%s\" port %s: %s", proxy->host,
			       port, "Servname not supported for ai_socktype");
	return 0;
}

/* Connects to the proxy itself; in messages it is the host.  As nc_dial(). */
static int reach(const struct nc_place *place, int *ret_fd, struct err *err)
{
	struct nc_place proxy = *place;
	struct net_address to;
	uint16_t port;
	int r;

	proxy.host = place->proxy.host;
	proxy.proxy.host = NULL;
	r = find_port(place, &port, err);
	return r < 0 ? r : nc_dial(&proxy, port, ret_fd, &to, err);
}

/* 1: connected; 0: no proxy; TRY_AGAIN in *ret_again with a login. */
static int attempt(struct talk *t, int *ret_fd, bool *ret_again, struct err *err)
{
	const struct nc_place *place = t->place;
	auto_close int fd = -1;
	int64_t before;
	int r;

	*ret_again = false;
	r = reach(place, &fd, err);
	if (r <= 0)
		return r;

	auto_stream s = stream_new(fd, fd, END_KEEP);

	t->answer = (struct proxy_answer){ .code = -1 };
	before = task_deadline(nc_dial_deadline(place));
	r = kinds[place->proxy.kind].talk(t, s, err);
	(void)task_deadline(before);
	if (r < 0)
		return r;
	*ret_again = r == TRY_AGAIN;
	if (!*ret_again)
		*ret_fd = take_fd(&fd);
	return 1;
}

/* A login that an HTTP proxy has asked for. */
static int find_login(struct talk *t, char **login, struct err *err)
{
	const struct nc_proxy *proxy = &t->place->proxy;
	int r;

	if (proxy->login) {
		t->login = proxy->login;
		return 0;
	}
	free(take_ptr(*login));
	r = ask_password(proxy, login, err);
	t->login = *login;
	return r;
}

int nc_proxy_dial(const struct nc_place *place, uint16_t port, int *ret_fd, struct err *err)
{
	bool unasked = place->proxy.kind != NC_PROXY_HTTP; /* SOCKS has no second question */
	struct talk t = { .place = place,
			  .target = { place->host, port },
			  .login = unasked ? place->proxy.login : NULL };
	auto_free char *login = NULL;
	bool again = true;
	int r = 1;

	for (int i = 0; again; i++) {
		if (i == CONNECTIONS_MAX)
			return err_set(err, -EACCES, "Too many authentication failures");
		if (i > 1)
			fprintf(stderr, "Proxy authentication failed\n");
		if (i > 0) {
			r = find_login(&t, &login, err);
			if (r < 0)
				return r;
		}
		r = attempt(&t, ret_fd, &again, err);
		if (r <= 0)
			return r;
	}
	return r;
}
