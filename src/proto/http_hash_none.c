/* SPDX-License-Identifier: MIT */
/* A build without OpenSSL has no hashes; see http_hash.h. */

#include "proto/http_hash.h"

#include <errno.h>

int http_hash(const char *name, const void *data, size_t len, char ret[HTTP_HASH_TEXT],
	      struct err *err)
{
	(void)data, (void)len, (void)ret;
	return err_set(err, -EOPNOTSUPP, "%s: not available, built without OpenSSL", name);
}
