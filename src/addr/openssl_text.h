/* SPDX-License-Identifier: MIT */
#pragma once

/* Words of the OPENSSL options and names in certificates; pure. */

#include "base/base.h"

/* Does a name of a certificate mean this host?  Case does not matter.  "*.domain"
 * means exactly one label more and, as in classic, the domain itself; an asterisk
 * anywhere else means nothing. */
bool openssl_name_matches(const char *pattern, size_t len, const char *host);

enum { OPENSSL_PIN_SIZE = 32, OPENSSL_PINS_MAX = 8 };

/* Admitted keys: SHA-256 of a SubjectPublicKeyInfo each. */
struct openssl_pins {
	uint8_t digest[OPENSSL_PINS_MAX][OPENSSL_PIN_SIZE];
	size_t n;
};

/* Digests in 64 hexadecimal digits or, as curl and HPKP have it, in base64, with
 * "sha256//" before it or not; several are separated by ";" or blanks.  0, -EINVAL,
 * or -E2BIG when there are too many. */
int openssl_pins_parse(const char *text, struct openssl_pins *ret);

enum { OPENSSL_ALPN_MAX = 256 };

/* Names of protocols, separated by ":" or ",", as the handshake has them: each after
 * its length.  The length of all, or -EINVAL: an empty name, one of over 255 bytes,
 * or too many. */
int openssl_alpn_parse(const char *text, uint8_t ret[OPENSSL_ALPN_MAX]);

/* "TLS1.2", "TLSv1.2", "DTLS1": the number the protocol has for it; -1: no such
 * version.  "SSL23", which means any version, is 0. */
int openssl_version_parse(const char *text);
