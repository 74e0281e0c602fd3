/* SPDX-License-Identifier: MIT */
#pragma once

/* Who the peer is and whether that is whom we expected (openssl_verify.c). */

#include "addr/openssl_context.h"

enum { OPENSSL_NAME_TEXT = 160 };

/* What was wrong with a certificate of the peer. */
struct openssl_finding {
	long error; /* X509_V_ERR_..., 0: nothing */
	int depth;
	char subject[OPENSSL_NAME_TEXT], issuer[OPENSSL_NAME_TEXT];
	char time[32]; /* of its validity, if that is wrong */
};

/* Asks for a certificate and judges it while the handshake runs; the session's
 * application data is the struct openssl_finding to write to. */
void openssl_verify_rules(SSL_CTX *ctx, const struct openssl_context *c);

/* One of its names: alternative names first, then the common name. */
bool openssl_certificate_has_name(X509 *certificate, const char *host);

/* After the handshake: has the peer a certificate, the expected name (NULL or empty:
 * any) and an admitted key?  0 or -EACCES with the sentence in err. */
int openssl_check_peer(const struct openssl_context *c, SSL *session, const char *expected,
		       struct err *err);

/* A failed handshake, in plain words, after what the library said. */
void openssl_explain(const struct openssl_context *c, SSL *session,
		     const struct openssl_finding *finding, unsigned long failure, struct err *err);

/* A distinguished name on one line: "C = XY, CN = localhost".  Returns out. */
const char *openssl_name_text(const X509_NAME *name, char *out, size_t size);
