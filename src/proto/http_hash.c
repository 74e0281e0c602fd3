/* SPDX-License-Identifier: MIT */
/* Hashes by OpenSSL; see http_hash.h. */

#include "proto/http_hash.h"

#include "stream/tls_library.h"

#include <errno.h>
#include <stdio.h>

int http_hash(const char *name, const void *data, size_t len, char ret[HTTP_HASH_TEXT],
	      struct err *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	size_t n = 0;
	int r = tls_library_load(err);

	if (r < 0)
		return r;
	if (!EVP_Q_digest(NULL, name, NULL, data, len, digest, &n) ||
	    2 * n >= HTTP_HASH_TEXT) { /* FIPS has no MD5 */
		ERR_clear_error();
		return err_set(err, -EOPNOTSUPP, "OpenSSL does not have %s here", name);
	}
	for (size_t i = 0; i < n; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
	return 0;
}
