/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Cookies of DTLS (RFC 6347, 4.2.1): who says hello must show that he is where he says.
 *
 * The first hello is answered by a cookie, which nobody but the owner of the sender's address
 * gets, and is forgotten.  Only the second one, which shows the cookie, is worth a session.  The
 * cookie follows from the address, the time and a secret of the listener, so nothing has to be
 * remembered; it is checked twice, by the listener and by the session, which may be in another
 * process.
 */

#include "addr/openssl_context.h"

enum { OPENSSL_COOKIE_ANSWER = 256 }; /* longer than any */

/* Makes and checks cookies in all sessions of a server's context. */
void openssl_cookie_rules(SSL_CTX *ctx);

/* Is this first packet a hello that shows the cookie of its sender?  If not, *ret_len bytes are
 * to be sent to him, perhaps none. */
bool openssl_cookie_is_shown(const struct openssl_context *c, const struct net_address *from,
			     const void *packet, size_t len, uint8_t ret[OPENSSL_COOKIE_ANSWER],
			     size_t *ret_len);

/* Before the handshake of a session whose socket has that packet: takes it up there.
 * 0 or -EPROTO with the sentence in err. */
int openssl_cookie_take(SSL *session, const struct net_address *from, struct err *err);
