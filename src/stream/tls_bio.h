/* SPDX-License-Identifier: MIT */
#pragma once

/* How OpenSSL reads and writes a stream (tls_bio.c). */

#include "stream/stream.h"
#include "stream/tls_library.h"

/* How a BIO over a stream is done; freed after the BIO.  NULL: no memory. */
BIO_METHOD *tls_bio_method(void);

/* A BIO over the stream, which it does not own. */
BIO *tls_bio_new(const BIO_METHOD *method, struct stream *below);
