/* SPDX-License-Identifier: MIT */
#pragma once

/* OPENSSL_PROTO_VERSION, OPENSSL_CIPHER and, of a peer with a certificate,
 * OPENSSL_X509_...: what programs learn of a session. */

#include "addr/addr.h"
#include "stream/tls_library.h"

/* Stores them in o->env, if somebody will read it, and tells the log; once the handshake
 * is over. */
void openssl_env(const struct opening *o, const SSL *session);
