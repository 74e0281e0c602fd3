/* SPDX-License-Identifier: MIT */
/*
 * The context of all sessions of an address: made, shared, made again.
 *
 * The certificates come after the ciphers (openssl_rules.c), whose security level
 * they must meet.
 */

#include "addr/openssl_context.h"

#include "addr/openssl.h"
#include "addr/openssl_cookie.h"
#include "addr/openssl_rules.h"
#include "addr/openssl_verify.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "stream/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { TICKET_KEYS_SIZE = 80 }; /* name, HMAC key and AES key of session tickets */

/* Without a key of its own a "key" file is of use only to "cert", as in classic. */
static int set_certificate(SSL_CTX *ctx, const struct openssl_settings *w, bool server,
			   struct err *err)
{
	if (w->certificate)
		return openssl_use_certificate(ctx, w->certificate, w->key, err);
	if (w->key)
		return err_set(err, -EINVAL, "option \"openssl-key\" needs option \"cert\"");
	if (server && !w->ciphers)
		log_warn("no certificate given; consider option \"cert\"");
	return 0;
}

/* Tells clients whose certificates are asked for. */
static void name_client_cas(SSL_CTX *ctx, const struct openssl_settings *w)
{
	STACK_OF(X509_NAME) *names = w->cafile ? SSL_load_client_CA_file(w->cafile) : NULL;

	if (names)
		SSL_CTX_set_client_CA_list(ctx, names);
	ERR_clear_error();
}

static int set_pins(struct openssl_context *c, struct err *err)
{
	const char *text = c->settings->pin;
	int r = text ? openssl_pins_parse(text, &c->pins) : 0;

	if (r == -E2BIG)
		return err_set(err, r, "option \"openssl-pin\": more than %d keys",
			       OPENSSL_PINS_MAX);
	if (r < 0)
		return err_set(err, r,
			       "option \"openssl-pin\": \"%s\" is no SHA-256 in base64 or hex",
			       text);
	return 0;
}

/* One write of one line, so that several processes may log to one file. */
static void log_keys(const SSL *session, const char *line)
{
	const struct openssl_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));
	const char *path = c->settings->key_log;
	auto_close int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	auto_free char *text = str_format("%s\n", line);
	int r = fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));

	if (r < 0)
		log_warn("open(\"%s\"): %s", path, err_reason(r));
}

/* A client keeps the last session, for its next connection to the same server. */
static int keep_session(SSL *session, SSL_SESSION *resumable)
{
	struct openssl_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));

	SSL_SESSION_free(c->resumable);
	c->resumable = resumable;
	return 1;
}

/* One ticket instead of the library's two: the second costs as much as a twentieth of the
 * handshake, and serves only clients that resume one session twice at once. */
static void set_resumption(SSL_CTX *ctx, bool server)
{
	static const unsigned char name[] = "sockbox";

	if (server) {
		(void)SSL_CTX_set_session_id_context(ctx, name, sizeof(name) - 1);
		(void)SSL_CTX_set_num_tickets(ctx, 1);
		return;
	}
	SSL_CTX_set_session_cache_mode(ctx,
				       SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
}

/* Random numbers come from the kernel: nothing to be done for the options about them. */
static void tell_useless(const struct openssl_settings *w)
{
	if (w->egd || w->pseudo)
		log_info("option \"%s\": the kernel's random numbers are used",
			 w->egd ? "openssl-egd" : "openssl-pseudo");
}

static const SSL_METHOD *method_of(const struct openssl_context *c)
{
	if (c->datagram)
		return c->server ? DTLS_server_method() : DTLS_client_method();
	return c->server ? TLS_server_method() : TLS_client_method();
}

static SSL_CTX *empty_context(const struct openssl_context *c)
{
	const struct openssl_settings *w = c->settings;

	if (w->fips && !OSSL_PROVIDER_load(NULL, "fips"))
		return NULL;
	return SSL_CTX_new_ex(NULL, w->fips ? "fips=yes" : NULL, method_of(c));
}

/* What only sockbox decides.  Renegotiation is a way to make others work. */
static void set_own_rules(SSL_CTX *ctx, struct openssl_context *c)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
					 (tls_in_kernel() ? SSL_OP_ENABLE_KTLS : 0));
	SSL_CTX_set_app_data(ctx, c);
	openssl_verify_rules(ctx, c);
	set_resumption(ctx, c->server);
	if (c->server && c->datagram)
		openssl_cookie_rules(ctx);
	if (c->settings->key_log)
		SSL_CTX_set_keylog_callback(ctx, log_keys);
}

static int new_context(struct openssl_context *c, SSL_CTX **ret, struct err *err)
{
	const struct openssl_settings *w = c->settings;
	char reason[256];
	SSL_CTX *ctx = empty_context(c);
	int r;

	if (!ctx)
		return err_set(err, -EINVAL, "%s: %s",
			       w->fips ? "option \"openssl-fips\"" : "OpenSSL",
			       openssl_reason(reason, sizeof(reason)));
	set_own_rules(ctx, c);
	r = openssl_rules_apply(ctx, c, err);
	if (r < 0) {
		SSL_CTX_free(ctx);
		return r;
	}
	if (c->server)
		name_client_cas(ctx, w);
	*ret = ctx;
	return 0;
}

static bool has_name(SSL_CTX *ctx, const char *name)
{
	X509 *certificate = SSL_CTX_get0_certificate(ctx);

	return certificate && openssl_certificate_has_name(certificate, name);
}

static int choose_certificate(SSL *session, int *alert, void *context)
{
	const struct openssl_context *c = context;
	const char *name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	if (!name || has_name(c->ctx, name))
		return SSL_TLSEXT_ERR_OK;
	for (size_t i = 0; i < c->n_named; i++) {
		if (has_name(c->named[i], name)) {
			(void)SSL_set_SSL_CTX(session, c->named[i]);
			break;
		}
	}
	return SSL_TLSEXT_ERR_OK;
}

/* One context per further certificate; sessions take only that from it. */
static int add_named(struct openssl_context *c, const char *file, struct err *err)
{
	SSL_CTX *ctx;
	int r = new_context(c, &ctx, err);

	if (r < 0)
		return r;
	c->named = mem_resize(c->named, c->n_named + 1, sizeof(*c->named));
	c->named[c->n_named++] = ctx;
	return openssl_use_certificate(ctx, file, NULL, err);
}

static int add_all_named(const struct address *a, struct openssl_context *c, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->options.n; i++) {
		const struct option *option = &a->options.items[i];

		if (!str_word_is(option->type->names, "openssl-sni-certificate"))
			continue;
		if (!c->server)
			return err_set(err, -EINVAL, "option \"%s\" is for servers only",
				       option->name);
		r = add_named(c, option->value.text, err);
	}
	if (c->n_named) {
		SSL_CTX_set_tlsext_servername_callback(c->ctx, choose_certificate);
		SSL_CTX_set_tlsext_servername_arg(c->ctx, c);
	}
	return r;
}

static void context_free(void *made)
{
	struct openssl_context *c = made;

	if (!c)
		return;
	SSL_CTX_free(c->ctx);
	for (size_t i = 0; i < c->n_named; i++)
		SSL_CTX_free(c->named[i]);
	free(c->named);
	SSL_SESSION_free(c->resumable);
	context_free(c->older);
	free(c);
}

static int make(const struct address *a, struct openssl_context *c, struct err *err)
{
	int r;

	c->settings = &a->settings.openssl;
	c->server = a->type->listen != NULL;
	c->datagram = a->type->args.type == SOCK_DGRAM;
	tell_useless(c->settings);
	if (getrandom(c->cookie_key, sizeof(c->cookie_key), 0) < 0)
		return err_set(err, -errno, "getrandom(): %s", err_reason(-errno));
	r = set_pins(c, err);
	if (r == 0)
		r = new_context(c, &c->ctx, err);
	if (r == 0)
		r = set_certificate(c->ctx, c->settings, c->server, err);
	return r < 0 ? r : add_all_named(a, c, err);
}

int openssl_context_of(const struct address *a, struct openssl_context **ret, struct err *err)
{
	struct addr_shared *shared = a->shared;
	struct openssl_context *c;
	int r;

	if (!shared->made) {
		c = new_object(struct openssl_context);
		r = make(a, c, err);
		if (r < 0) {
			context_free(c);
			return r;
		}
		shared->made = c;
		shared->free = context_free;
	}
	*ret = shared->made;
	return 0;
}

static void take_ticket_keys(SSL_CTX *from, SSL_CTX *to)
{
	unsigned char keys[TICKET_KEYS_SIZE];

	if (SSL_CTX_get_tlsext_ticket_keys(from, keys, sizeof(keys)) == 1)
		(void)SSL_CTX_set_tlsext_ticket_keys(to, keys, sizeof(keys));
	OPENSSL_cleanse(keys, sizeof(keys));
}

/* Tickets and cookies that were handed out stay valid. */
static int make_again(const struct address *a, struct err *err)
{
	struct openssl_context *old = a->shared->made, *c;
	int r;

	a->shared->made = NULL;
	r = openssl_context_of(a, &c, err);
	if (r < 0) {
		a->shared->made = old;
		return r;
	}
	take_ticket_keys(old->ctx, c->ctx);
	memcpy(c->cookie_key, old->cookie_key, sizeof(c->cookie_key));
	c->older = old; /* handshakes that have begun ask it */
	return 0;
}

int openssl_reload(const struct address *a, struct err *err)
{
	int r = a->type->groups & GROUP_OPENSSL && a->shared->made ? make_again(a, err) : 0;

	for (size_t i = 0; r == 0 && a->via && i < a->via->n; i++)
		r = openssl_reload(&a->via->part[i], err);
	return r;
}

SSL *openssl_session_new(const struct openssl_context *c)
{
	SSL *session = SSL_new(c->ctx);

	if (!session)
		return NULL;
	if (c->server)
		SSL_set_accept_state(session);
	else
		SSL_set_connect_state(session);
	if (c->resumable && SSL_SESSION_is_resumable(c->resumable))
		(void)SSL_set_session(session, c->resumable);
	return session;
}
