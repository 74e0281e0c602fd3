/* SPDX-License-Identifier: MIT */
#pragma once

/* TLS for all dialects of nc: nc_tls.c with OpenSSL, nc_tls_none.c without. */

#include "base/err.h"
#include "stream/stream.h"

/* What the command line says. */
struct nc_tls {
	int wanted;
	int verify, no_verify; /* ncat's --ssl-verify; --tls-no-verify */
	int system_too;	       /* ca does not replace the system's authorities */
	bool ssl_words;	       /* sentences advise ncat's --ssl-... */
	bool ssl_options;      /* and what is wrong was said with them */
	const char *certificate, *key, *ca, *ciphers, *alpn;
	const char *name;	 /* that the certificate must have; NULL: the host */
	const char *server_name; /* to ask for; NULL: that name */
	const char *pin;	 /* public keys that are admitted */
};

/* What all sessions share. */
struct nc_tls_context;

/* Reads certificates and rules; a server without a certificate makes one, for this host
 * (NULL: localhost).  *ret is to be freed with nc_tls_free().  0 or negative, with the
 * sentence. */
int nc_tls_new(const struct nc_tls *tls, bool server, bool datagram, const char *host,
	       struct nc_tls_context **ret, struct err *err);
void nc_tls_free(struct nc_tls_context **c);
#define auto_nc_tls __attribute__((__cleanup__(nc_tls_free))) struct nc_tls_context *

/* Puts TLS over the stream: the handshake, until the deadline (task.h), then the judgement
 * on the peer.  host: whom we want to talk to (clients).  0; -EACCES: it is somebody else;
 * -EPROTO and others: there was no handshake.  With the sentence. */
int nc_tls_over(struct nc_tls_context *c, struct stream **s, const char *host, struct err *err);

/* After a session: has the peer refused our certificate, or that we have none?  With TLS 1.3 it
 * says so after the handshake.  0; -EACCES with the sentence. */
int nc_tls_refused(const struct nc_tls_context *c, const struct stream *s, struct err *err);

enum { NC_TLS_FINGERPRINT = 64 };

/* SHA-1 of a certificate, as "7E0B 8F...": ours (s NULL), or the peer's; "" if there is none.
 * And whose it is: the organisation in the peer's; "" if it does not say.  Return out. */
const char *nc_tls_fingerprint(const struct nc_tls_context *c, const struct stream *s, char *out,
			       size_t size);
const char *nc_tls_organisation(const struct stream *s, char *out, size_t size);

/* Was the certificate made here, for this run only? */
bool nc_tls_is_temporary(const struct nc_tls_context *c);
