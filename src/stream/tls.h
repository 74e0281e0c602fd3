/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * TLS and DTLS as a layer over any stream, with OpenSSL.
 *
 * The layer is made over an opened stream and a session that knows which side it
 * is; the handshake is sequential code; from then on it is a stream like others.
 * Over a socket of our own the library uses the socket itself, so that the kernel
 * can encrypt (kTLS); over all else it reads and writes through the stream below.
 *
 * The end of the peer is its closing message.  An end without one is taken for an
 * end as well, with a warning: the data may have been cut off.
 */

#include "stream/stream.h"
#include "stream/tls_library.h"

/* A layer over a stream, which it takes over together with the session.  With
 * packets below it is DTLS. */
struct stream *stream_new_tls(struct stream *below, SSL *session);

/* Does the kernel know TLS?  Only then are its sessions to be given SSL_OP_ENABLE_KTLS: where it
 * does not, each session's question would start modprobe once more, if we may load modules. */
bool tls_in_kernel(void);

/* The handshake, until the deadline (task.h).  0, -ETIMEDOUT, -ECANCELED; else
 * -EPROTO or the stream's own error, with a sentence that begins with what, as in
 * "SSL_connect()". */
int tls_handshake(struct stream *s, const char *what, struct err *err);

/* Why the handshake, or a transfer after it, failed: the library's error code, 0 if it was not
 * its. */
unsigned long tls_failure(const struct stream *s);

/* The same in plain words if the peer has refused our certificate, else NULL.  With TLS 1.3 a
 * server judges it when for us the handshake is over, so that is met when data is read. */
const char *tls_refusal(const struct stream *s);

/* The session; the stream keeps it. */
SSL *tls_session(const struct stream *s);
