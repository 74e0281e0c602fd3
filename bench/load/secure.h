/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * TLS for talks, with OpenSSL (secure_openssl.c) or without (secure_none.c).
 *
 * Like the calls of the kernel: -1 and errno, EAGAIN as well.  A handshake goes on inside sending
 * and receiving, so after any event both are to be tried.  Who the server is nobody asks.
 */

#include "base/base.h"

#include <sys/uio.h>

struct secure_client; /* what all talks of a mode share */
struct secure;	      /* one connection */

/* Does not return if this program was built without OpenSSL.  With resume each connection but the
 * first resumes the session of an earlier one. */
struct secure_client *secure_client_new(bool resume);
void secure_client_free(struct secure_client *client);

/* Of how many connections a session was resumed. */
uint64_t secure_resumed(const struct secure_client *client);

/* The descriptor stays the caller's. */
struct secure *secure_new(struct secure_client *client, int fd);
void secure_free(struct secure *s);

ssize_t secure_send(struct secure *s, const struct iovec iov[2]);

/* 0: the server said that this is the end; an end without its word is EPROTO. */
ssize_t secure_receive(struct secure *s, void *out, size_t size);

/* Says that nothing more will come; false: not now, again later. */
bool secure_shut(struct secure *s);
