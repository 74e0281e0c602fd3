/* SPDX-License-Identifier: MIT */
#pragma once

/* TLS and DTLS (openssl.c), or what is left without the library (openssl_none.c). */

#include "addr/addr.h"

/* The keywords that are missing because this program was built without OpenSSL. */
extern const char openssl_missing[];

/* Reads the certificates of an OPENSSL address again, for the sessions that come.
 * Those that run keep theirs.  So with the address in its "via"; other addresses have
 * none.  On failure the old ones stay. */
int openssl_reload(const struct address *a, struct err *err);
