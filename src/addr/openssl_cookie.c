/* SPDX-License-Identifier: MIT */
/* Cookies of DTLS; see openssl_cookie.h.  A session's application data is the address of the
 * peer meanwhile. */

#include "addr/openssl_cookie.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	COOKIE_SIZE = 32,
	PERIOD = 60 * CLOCK_US_PER_S, /* a cookie is good for one to two of them */
};

static bool make_cookie(SSL *session, int64_t period, uint8_t ret[COOKIE_SIZE])
{
	const struct openssl_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));
	const struct net_address *from = SSL_get_app_data(session);
	char address[NET_ADDRESS_TEXT], text[NET_ADDRESS_TEXT + 32];
	size_t n = 0;
	int len;

	if (!from)
		return false;
	len = snprintf(text, sizeof(text), "%lld %s", (long long)period,
		       net_address_text(from, address, sizeof(address)));
	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, c->cookie_key, sizeof(c->cookie_key),
			 (const uint8_t *)text, (size_t)len, ret, COOKIE_SIZE, &n) &&
	       n == COOKIE_SIZE;
}

static int tell_cookie(SSL *session, unsigned char *ret, unsigned int *ret_len)
{
	*ret_len = COOKIE_SIZE;
	return make_cookie(session, clock_now() / PERIOD, ret);
}

static bool is_cookie(SSL *session, int64_t period, const unsigned char *cookie)
{
	uint8_t expected[COOKIE_SIZE];

	return make_cookie(session, period, expected) &&
	       CRYPTO_memcmp(expected, cookie, sizeof(expected)) == 0;
}

static int check_cookie(SSL *session, const unsigned char *cookie, unsigned int len)
{
	int64_t now = clock_now() / PERIOD;

	return len == COOKIE_SIZE &&
	       (is_cookie(session, now, cookie) || is_cookie(session, now - 1, cookie));
}

void openssl_cookie_rules(SSL_CTX *ctx)
{
	SSL_CTX_set_cookie_generate_cb(ctx, tell_cookie);
	SSL_CTX_set_cookie_verify_cb(ctx, check_cookie);
}

/* Reads hellos, and answers them, until one shows its cookie or no more is there. */
static bool hear_hello(SSL *session, const struct net_address *from)
{
	struct net_address peer = *from;
	BIO_ADDR *unused = BIO_ADDR_new();
	bool shown;

	SSL_set_app_data(session, &peer);
	shown = unused && DTLSv1_listen(session, unused) == 1;
	SSL_set_app_data(session, NULL);
	BIO_ADDR_free(unused);
	return shown;
}

bool openssl_cookie_is_shown(const struct openssl_context *c, const struct net_address *from,
			     const void *packet, size_t len, uint8_t ret[OPENSSL_COOKIE_ANSWER],
			     size_t *ret_len)
{
	SSL *session = openssl_session_new(c);
	BIO *hello = BIO_new_mem_buf(packet, (int)len), *answer = BIO_new(BIO_s_mem());
	bool shown = false;
	int n = 0;

	if (session && hello && answer) {
		SSL_set_bio(session, take_ptr(hello), answer);
		shown = hear_hello(session, from);
		n = BIO_read(answer, ret, OPENSSL_COOKIE_ANSWER);
		answer = NULL;
	}
	(void)BIO_free(hello);
	(void)BIO_free(answer);
	SSL_free(session);
	ERR_clear_error();
	*ret_len = (size_t)MAX(n, 0);
	return shown;
}

/* The cookie was checked just now: not once more, when nobody knows the address. */
int openssl_cookie_take(SSL *session, const struct net_address *from, struct err *err)
{
	bool shown = hear_hello(session, from);

	(void)SSL_clear_options(session, SSL_OP_COOKIE_EXCHANGE);
	ERR_clear_error();
	return shown ? 0
		     : err_set(err, -EPROTO, "DTLS: the client's hello with its cookie is lost");
}
