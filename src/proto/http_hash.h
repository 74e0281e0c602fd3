/* SPDX-License-Identifier: MIT */
#pragma once

/* Hashes as text: http_hash.c with OpenSSL, http_hash_none.c without. */

#include "base/err.h"

enum { HTTP_HASH_TEXT = 2 * 32 + 1 };

/* Lower-case hexadecimal digits; name: "MD5" or "SHA256".  -ENOENT, -EOPNOTSUPP: it is not to be
 * had, as err says. */
int http_hash(const char *name, const void *data, size_t len, char ret[HTTP_HASH_TEXT],
	      struct err *err);
