/* SPDX-License-Identifier: MIT */
#pragma once

/* What all TLS sessions of one address share: certificates, keys, rules, tickets.
 * Made once from the options (openssl_context.c). */

#include "addr/addr.h"
#include "addr/openssl_text.h"
#include "stream/tls_library.h"

struct openssl_context {
	SSL_CTX *ctx;
	SSL_CTX **named; /* certificates for clients that ask for their names */
	size_t n_named;
	const struct openssl_settings *settings;
	bool server, datagram;
	struct openssl_pins pins;
	uint8_t alpn[OPENSSL_ALPN_MAX];
	size_t alpn_len;
	uint8_t cookie_key[32];	       /* of DTLS servers (openssl_cookie.h) */
	SSL_SESSION *resumable;	       /* of the last server; NULL: none */
	struct openssl_context *older; /* before a reload */
};

/* The context of the address, made at the first call.  The address keeps it. */
int openssl_context_of(const struct address *a, struct openssl_context **ret, struct err *err);

/* A session of one of the two sides; NULL: no memory. */
SSL *openssl_session_new(const struct openssl_context *c);
