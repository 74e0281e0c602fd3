/* SPDX-License-Identifier: MIT */
/* Built without OpenSSL: nobody gets further than secure_client_new(). */

#include "load.h"
#include "secure.h"

struct secure_client *secure_client_new(bool resume)
{
	(void)resume;
	fail("--tls: built without OpenSSL");
}

void secure_client_free(struct secure_client *client)
{
	(void)client;
}

uint64_t secure_resumed(const struct secure_client *client)
{
	(void)client;
	return 0;
}

struct secure *secure_new(struct secure_client *client, int fd)
{
	(void)client;
	(void)fd;
	return NULL;
}

void secure_free(struct secure *s)
{
	(void)s;
}

ssize_t secure_send(struct secure *s, const struct iovec iov[2])
{
	(void)s;
	(void)iov;
	return -1;
}

ssize_t secure_receive(struct secure *s, void *out, size_t size)
{
	(void)s;
	(void)out;
	(void)size;
	return -1;
}

bool secure_shut(struct secure *s)
{
	(void)s;
	return true;
}
