/* SPDX-License-Identifier: MIT */
/* TLS clients; see secure.h. */

#include "load.h"
#include "secure.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

enum { RECORD = 16384, READ_AHEAD = 128 * 1024 };

struct secure_client {
	SSL_CTX *ctx;
	SSL_SESSION *last; /* the next connection resumes it; NULL: none */
	uint64_t resumed;
};

struct secure {
	SSL *ssl;
	struct secure_client *client;
	bool counted;
};

static int keep(SSL *ssl, SSL_SESSION *session)
{
	struct secure_client *client = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	SSL_SESSION_free(client->last);
	client->last = session;
	return 1;
}

struct secure_client *secure_client_new(bool resume)
{
	struct secure_client *client = new_object(struct secure_client);

	client->ctx = SSL_CTX_new(TLS_client_method());
	if (!client->ctx)
		fail("--tls: no context");
	SSL_CTX_set_app_data(client->ctx, client);
	SSL_CTX_set_mode(client->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(client->ctx, 1);
	SSL_CTX_set_default_read_buffer_len(client->ctx, READ_AHEAD);
	if (resume) {
		SSL_CTX_set_session_cache_mode(
			client->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
		SSL_CTX_sess_set_new_cb(client->ctx, keep);
	}
	return client;
}

void secure_client_free(struct secure_client *client)
{
	if (!client)
		return;
	SSL_SESSION_free(client->last);
	SSL_CTX_free(client->ctx);
	free(client);
}

uint64_t secure_resumed(const struct secure_client *client)
{
	return client ? client->resumed : 0;
}

struct secure *secure_new(struct secure_client *client, int fd)
{
	struct secure *s = new_object(struct secure);

	s->client = client;
	s->ssl = SSL_new(client->ctx);
	if (!s->ssl || !SSL_set_fd(s->ssl, fd))
		fail("--tls: no session");
	SSL_set_connect_state(s->ssl);
	if (client->last)
		(void)SSL_set_session(s->ssl, client->last);
	return s;
}

/* Without marks of an end the library takes a closed session for a broken one. */
void secure_free(struct secure *s)
{
	if (!s)
		return;
	SSL_set_shutdown(s->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(s->ssl);
	free(s);
}

static ssize_t failure(const struct secure *s, int result)
{
	int how = SSL_get_error(s->ssl, result);

	if (how == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (how == SSL_ERROR_WANT_READ || how == SSL_ERROR_WANT_WRITE)
		errno = EAGAIN;
	else if (how != SSL_ERROR_SYSCALL || errno == 0)
		errno = EPROTO;
	return -1;
}

static void count(struct secure *s)
{
	if (s->counted)
		return;
	s->counted = true;
	s->client->resumed += SSL_session_reused(s->ssl) == 1;
}

static ssize_t send_one(struct secure *s, const void *data, size_t len)
{
	size_t n;

	ERR_clear_error();
	errno = 0;
	if (!SSL_write_ex(s->ssl, data, len, &n))
		return failure(s, 0);
	count(s);
	return (ssize_t)n;
}

/* The first part is short, and goes into one record with what follows. */
ssize_t secure_send(struct secure *s, const struct iovec iov[2])
{
	uint8_t joined[RECORD];
	size_t head = MIN(iov[0].iov_len, sizeof(joined));
	size_t rest = MIN(iov[1].iov_len, sizeof(joined) - head);

	if (head == 0)
		return send_one(s, iov[1].iov_base, iov[1].iov_len);
	memcpy(joined, iov[0].iov_base, head);
	memcpy(joined + head, iov[1].iov_base, rest);
	return send_one(s, joined, head + rest);
}

ssize_t secure_receive(struct secure *s, void *out, size_t size)
{
	size_t n;

	ERR_clear_error();
	errno = 0;
	return SSL_read_ex(s->ssl, out, size, &n) ? (ssize_t)n : failure(s, 0);
}

bool secure_shut(struct secure *s)
{
	int r;

	ERR_clear_error();
	r = SSL_shutdown(s->ssl);
	return r >= 0 || SSL_get_error(s->ssl, r) != SSL_ERROR_WANT_WRITE;
}
