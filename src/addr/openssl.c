/* SPDX-License-Identifier: MIT */
/*
 * TLS and DTLS: a layer over a connection.
 *
 * What carries it is opened as TCP, UDP or the address in "via" are; then comes the
 * handshake, then the judgement on the peer, then the variables for programs.  A
 * listener does this for each arrival, after the fork if there is one, so a slow
 * client stops nobody else; and as nobody else would end it, it has a deadline.
 */

#include "addr/openssl.h"

#include "addr/families.h"
#include "addr/ip.h"
#include "addr/openssl_context.h"
#include "addr/openssl_cookie.h"
#include "addr/openssl_env.h"
#include "addr/openssl_verify.h"
#include "addr/transport.h"
#include "addr/udp.h"
#include "addr/udp_packet.h"
#include "base/log.h"
#include "base/str.h"
#include "stream/tls.h"
#include "task/task.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum { HANDSHAKE_LIMIT = 60 * CLOCK_US_PER_S }; /* of listeners, without an option */

/* Ends a session that no stream has taken over. */
static void session_free(SSL **session)
{
	SSL_free(*session);
}

#define auto_session __attribute__((__cleanup__(session_free))) SSL *

/* The name the peer must have; NULL: any. */
static const char *expected_name(const struct openssl_context *c, const char *host)
{
	const struct openssl_settings *w = c->settings;

	return w->common_name ? w->common_name : host;
}

static bool is_ip(const char *host)
{
	uint8_t ip[16];

	return *host == '[' || inet_pton(AF_INET, host, ip) == 1 ||
	       inet_pton(AF_INET6, host, ip) == 1;
}

/* Addresses are no names that a server could be asked for (RFC 6066). */
static int ask_for_name(const struct openssl_context *c, SSL *session, const char *host,
			struct err *err)
{
	const struct openssl_settings *w = c->settings;
	const char *name = w->sni_host ? w->sni_host : expected_name(c, host);
	auto_free char *copy = NULL;

	if (w->no_sni || !name || !*name || (!w->sni_host && is_ip(name)))
		return 0;
	copy = str_copy(name); /* the macro casts const away */
	if (!SSL_set_tlsext_host_name(session, copy))
		return err_set(err, -EINVAL, "option \"openssl-snihost\": \"%s\" is too long",
			       name);
	return 0;
}

/* Without option handshake-timeout: like connecting, the handshake of a client is part of
 * connect-timeout.  A server on a line or the like waits for the first word of a peer as long as it
 * takes. */
static int64_t usual_limit(const struct opening *o, bool server)
{
	bool came = server && (!o->address->via || transport_listens(o->address));

	return came ? HANDSHAKE_LIMIT : o->address->settings.connect_timeout;
}

/* Strangers come by UDP only; what else may be in "via" knows who its peer is. */
static bool hears_strangers(const struct address *a)
{
	return !a->via || (transport_listens(a) && a->via->part[0].type->listen == udp_listen);
}

/* The listener has seen a hello with a cookie. */
static bool takes_cookie(const struct opening *o, const struct openssl_context *c)
{
	return c->server && c->datagram && hears_strangers(o->address);
}

static int take_cookie(struct stream *s, struct err *err)
{
	struct net_address peer;
	int r = net_address_peer(s->below->rfd, &peer);

	if (r < 0)
		return err_set(err, r, "getpeername(): %s", err_reason(r));
	return openssl_cookie_take(tls_session(s), &peer, err);
}

static int shake_hands(struct opening *o, const struct openssl_context *c, struct stream *s)
{
	struct openssl_finding finding = { .error = 0 };
	int64_t before = opening_handshake_limit(o, s->below, usual_limit(o, c->server));
	SSL *session = tls_session(s);
	int r;

	r = takes_cookie(o, c) ? take_cookie(s, o->err) : 0;
	SSL_set_app_data(session, &finding);
	if (r == 0)
		r = tls_handshake(s, c->server ? "SSL_accept()" : "SSL_connect()", o->err);
	(void)task_deadline(before);
	SSL_set_app_data(session, NULL);
	if (r < 0 && r != -ECANCELED)
		openssl_explain(c, session, &finding, tls_failure(s), o->err);
	return r;
}

/* TLS over what was opened: for both directions, of which one may be wanted. */
static int put_tls_over(struct opening *o, const struct openssl_context *c, struct stream **below,
			const char *host, struct stream **ret)
{
	auto_session session = openssl_session_new(c);
	auto_stream s = NULL;
	int r;

	if (!session)
		return err_set(o->err, -ENOMEM, "SSL_new(): %s", err_reason(-ENOMEM));
	r = c->server ? 0 : ask_for_name(c, session, host, o->err);
	if (r < 0)
		return r;
	s = stream_new_tls(take_ptr(*below), take_ptr(session));
	r = shake_hands(o, c, s);
	if (r == 0)
		r = openssl_check_peer(c, tls_session(s), expected_name(c, host), o->err);
	if (r < 0)
		return r;
	openssl_env(o, tls_session(s));
	if (!(o->wanted & DIR_READ))
		s->rfd = -1;
	if (!(o->wanted & DIR_WRITE))
		s->wfd = -1;
	*ret = take_ptr(s);
	return 0;
}

static int open_client(struct opening *o, struct stream **ret)
{
	const struct address *a = o->address;
	struct openssl_context *c;
	auto_stream below = NULL;
	int r;

	r = openssl_context_of(a, &c, o->err);
	if (r == 0)
		r = opening_transport(o, a->params[0], a->params[1], &below);
	return r < 0 ? r : put_tls_over(o, c, &below, a->params[0], ret);
}

/* A client of TLS is an arrival of what carries it. */
static int finish_over(struct opening *o, struct arrival *a,
		       int (*finish_below)(struct opening *, struct arrival *, struct stream **),
		       struct stream **ret)
{
	enum addr_direction wanted = o->wanted;
	struct openssl_context *c;
	auto_stream below = NULL;
	int r;

	r = openssl_context_of(o->address, &c, o->err);
	if (r < 0)
		return r;
	o->wanted = DIR_BOTH; /* the handshake needs both */
	r = finish_below(o, a, &below);
	o->wanted = wanted;
	return r < 0 ? r : put_tls_over(o, c, &below, NULL, ret);
}

static int finish(struct opening *o, struct arrival *a, struct stream **ret)
{
	return finish_over(o, a, transport_finish, ret);
}

static int accept_peer(struct listener *l, struct opening *o, struct arrival *ret)
{
	return udp_listener_ops.accept(l, o, ret);
}

static int finish_peer(struct opening *o, struct arrival *a, struct stream **ret)
{
	return finish_over(o, a, udp_listener_ops.finish, ret);
}

static const struct listener_ops ops = { transport_accept, finish };
static const struct listener_ops udp_ops = { accept_peer, finish_peer };

/* A hello without its cookie is answered by one, and forgotten. */
static bool shows_cookie(struct listener *l, struct opening *o, const struct udp_packet *first)
{
	uint8_t answer[OPENSSL_COOKIE_ANSWER];
	char text[NET_ADDRESS_TEXT];
	struct openssl_context *c;
	size_t n = 0;

	if (openssl_context_of(l->judge, &c, o->err) < 0)
		return false;
	if (openssl_cookie_is_shown(c, &first->from, first->data, first->len, answer, &n))
		return true;
	log_debug("%s: %s", net_address_text(&first->from, text, sizeof(text)),
		  n ? "a hello; answered by a cookie" : "no hello of DTLS; ignored");
	if (n)
		udp_packet_answer(l->fd, &l->local, first, answer, n);
	return false;
}

static int listen_for_packets(struct opening *o, struct listener **ret)
{
	const struct address *a = o->address;
	struct listener *hearing;
	int r;

	r = a->via ? opening_transport_listen(o, NULL, &ops, ret) : udp_listen(o, ret);
	if (r < 0)
		return r;
	if (!a->via)
		(*ret)->ops = &udp_ops;
	if (hears_strangers(a)) {
		hearing = a->via ? (*ret)->below : *ret;
		hearing->is_worth = shows_cookie;
		hearing->judge = a;
	}
	return 0;
}

/* Wrong certificates are found before anybody comes, and read before a user is
 * changed. */
static int open_listener(struct opening *o, struct listener **ret)
{
	const struct address *a = o->address;
	struct openssl_context *c;
	int r;

	r = openssl_context_of(a, &c, o->err);
	if (r == 0 && a->type->args.type == SOCK_DGRAM)
		return listen_for_packets(o, ret);
	return r < 0 ? r : opening_transport_listen(o, a->params[0], &ops, ret);
}

#define CONNECT_GROUPS                                                                 \
	(GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_IP4 | GROUP_IP6 | \
	 GROUP_OPENSSL)
#define LISTEN_GROUPS (CONNECT_GROUPS | GROUP_LISTEN | GROUP_RANGE)
#define OVER_TCP                                                                       \
	.args = { .family = AF_UNSPEC, .type = SOCK_STREAM, .protocol = IPPROTO_TCP }, \
	.load = tls_library_load
#define OVER_UDP                                                                      \
	.args = { .family = AF_UNSPEC, .type = SOCK_DGRAM, .protocol = IPPROTO_UDP }, \
	.load = tls_library_load

static const struct addr_type rows[] = {
	{ "OPENSSL OPENSSL-CONNECT SSL", ":<host>:<port>", "connect to a TLS server",
	  CONNECT_GROUPS | GROUP_TCP, DIR_BOTH, 2, 2, open_client, OVER_TCP },
	{ "OPENSSL-LISTEN SSL-L", ":<port>", "wait for a TLS client", LISTEN_GROUPS | GROUP_TCP,
	  DIR_BOTH, 1, 1, NULL, open_listener, OVER_TCP },
	{ "OPENSSL-DTLS-CLIENT OPENSSL-DTLS-CONNECT DTLS-CLIENT DTLS-CONNECT DTLS-C DTLS",
	  ":<host>:<port>", "exchange packets with a DTLS server", CONNECT_GROUPS | GROUP_UDP,
	  DIR_BOTH, 2, 2, open_client, OVER_UDP },
	{ "OPENSSL-DTLS-SERVER OPENSSL-DTLS-LISTEN DTLS-SERVER DTLS-LISTEN DTLS-L", ":<port>",
	  "wait for a DTLS client and stay with it", LISTEN_GROUPS | GROUP_UDP, DIR_BOTH, 1, 1,
	  NULL, open_listener, OVER_UDP },
};

const struct addr_table openssl_addresses = { rows, ARRAY_SIZE(rows) };

const char openssl_missing[] = "";
