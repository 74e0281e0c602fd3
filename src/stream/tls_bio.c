/* SPDX-License-Identifier: MIT */
/* A BIO over a stream: -EAGAIN becomes "try again", the end becomes BIO_FLAGS_IN_EOF,
 * and errors are told in errno, as the socket BIO of OpenSSL does. */

#include "stream/tls_bio.h"

#include <errno.h>

/* What a DTLS record may be without being cut into IP fragments, even over the
 * smallest links of IPv6. */
enum { DATAGRAM_MAX = 1232 };

static int bio_read(BIO *bio, char *buf, int len)
{
	struct stream *below = BIO_get_data(bio);
	ssize_t n = stream_read(below, buf, (size_t)len);

	BIO_clear_retry_flags(bio);
	if (n == 0 && below->packets)
		n = -EAGAIN; /* an empty packet ends nothing: anybody can send one */
	if (n == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	if (n >= 0)
		return (int)n;
	if (n == -EAGAIN)
		BIO_set_retry_read(bio);
	errno = (int)-n;
	return -1;
}

static int bio_write(BIO *bio, const char *buf, int len)
{
	ssize_t n = stream_write(BIO_get_data(bio), buf, (size_t)len);

	BIO_clear_retry_flags(bio);
	if (n >= 0)
		return (int)n;
	if (n == -EAGAIN)
		BIO_set_retry_write(bio);
	errno = (int)-n;
	return -1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return DATAGRAM_MAX;
	default:
		return 0;
	}
}

BIO_METHOD *tls_bio_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");

	if (!method)
		return NULL;
	(void)BIO_meth_set_read(method, bio_read);
	(void)BIO_meth_set_write(method, bio_write);
	(void)BIO_meth_set_ctrl(method, bio_control);
	return method;
}

BIO *tls_bio_new(const BIO_METHOD *method, struct stream *below)
{
	BIO *bio = BIO_new(method);

	if (!bio)
		return NULL;
	BIO_set_data(bio, below);
	BIO_set_init(bio, 1);
	return bio;
}
