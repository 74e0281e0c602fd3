/* SPDX-License-Identifier: MIT */
/* OpenSSL, loaded when the first address needs it; see tls_library.h. */

#include "stream/tls_library.h"

#include <pthread.h>

struct tls_library tls_library;
static struct err failure;

/* libcrypto comes with libssl. */
static void load(void)
{
	static const char *const names[] = { TLS_FUNCTIONS(LIBRARY_NAME) };
	static const struct library openssl = { "TLS", "libssl.so.3", names, ARRAY_SIZE(names) };

	(void)library_load(&openssl, &tls_library, &failure);
}

int tls_library_load(struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load);
	return failure.code < 0 ? err_set(err, failure.code, "%s", failure.text) : 0;
}
