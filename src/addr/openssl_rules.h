/* SPDX-License-Identifier: MIT */
#pragma once

/* What options say about a context (openssl_rules.c). */

#include "addr/openssl_context.h"

/* Versions, ciphers, groups, trust, ALPN, fragments, compression.  0 or -EINVAL. */
int openssl_rules_apply(SSL_CTX *ctx, struct openssl_context *c, struct err *err);

/* A certificate with its chain, and its key: key is a file, NULL: the same one. */
int openssl_use_certificate(SSL_CTX *ctx, const char *certificate, const char *key,
			    struct err *err);

/* Why OpenSSL refused; empties its queue.  Returns out. */
const char *openssl_reason(char *out, size_t size);
