/* SPDX-License-Identifier: MIT */
/*
 * Rules of a context: what the options say, each in one function that takes them to
 * the library and says which option it was if the library does not like it.
 */

#include "addr/openssl_rules.h"

#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* Upstream's: no keys without authentication, no encryption that is none. */
static const char default_ciphers[] = "HIGH:-NULL:-PSK:-aNULL";

const char *openssl_reason(char *out, size_t size)
{
	unsigned long code = ERR_peek_error();

	if (ERR_SYSTEM_ERROR(code))
		(void)str_escape(err_reason(-(int)ERR_GET_REASON(code)),
				 strlen(err_reason(-(int)ERR_GET_REASON(code))), out, size);
	else
		ERR_error_string_n(code, out, size);
	ERR_clear_error();
	return out;
}

static int refuse(const char *option, const char *value, struct err *err)
{
	char reason[256];

	return err_set(err, -EINVAL, "option \"%s\": \"%s\": %s", option, value,
		       openssl_reason(reason, sizeof(reason)));
}

static bool is_spoken(const struct openssl_context *c, int version)
{
	enum { FIRST_OF_DTLS = 0x8000 };

	return c->datagram == (version >= FIRST_OF_DTLS);
}

/* A limit that names a version of the other protocol is none: the library says nothing about it,
 * and classic goes on (1.7.4.4). */
static int set_version(SSL_CTX *ctx, const struct openssl_context *c, const char *option,
		       const char *text, bool min, bool max, struct err *err)
{
	int version = text ? openssl_version_parse(text) : 0;

	if (version == 0)
		return 0;
	if (version < 0)
		return err_set(err, -EINVAL,
			       "option \"%s\": unknown version \"%s\"; use TLS1.2, TLS1.3, DTLS1.2 "
			       "or older ones",
			       option, text);
	if (!is_spoken(c, version) && !(min && max)) {
		log_warn("option \"%s\": \"%s\" is no limit for %s", option, text,
			 c->datagram ? "DTLS" : "TLS");
		return 0;
	}
	if (!is_spoken(c, version) || (min && !SSL_CTX_set_min_proto_version(ctx, version)) ||
	    (max && !SSL_CTX_set_max_proto_version(ctx, version)))
		return err_set(err, -EINVAL, "option \"%s\": OpenSSL does not speak \"%s\" here",
			       option, text);
	return 0;
}

static int set_versions(SSL_CTX *ctx, const struct openssl_context *c, struct err *err)
{
	const struct openssl_settings *w = c->settings;
	int r;

	/* Said when opening, not at the first handshake: what OpenSSL has lost by now
	 * (SSL2, SSL3) and what has become a name for nothing (SSL23). */
	if (w->method && strncasecmp(w->method, "SSL", 3) == 0)
		return err_set(err, -EINVAL,
			       "option \"openssl-method\": \"%s\" is obsolete; use TLS1.2, TLS1.3 "
			       "or DTLS1.2",
			       w->method);
	r = set_version(ctx, c, "openssl-method", w->method, true, true, err);
	if (r == 0)
		r = set_version(ctx, c, "openssl-min-proto-version", w->min_version, true, false,
				err);
	if (r == 0)
		r = set_version(ctx, c, "openssl-max-proto-version", w->max_version, false, true,
				err);
	return r;
}

static int set_algorithms(SSL_CTX *ctx, const struct openssl_settings *w, struct err *err)
{
	const char *ciphers = w->ciphers ? w->ciphers : default_ciphers;
	auto_free char *groups =
		w->groups ? str_copy(w->groups) : NULL; /* for a macro that casts */

	if (!SSL_CTX_set_cipher_list(ctx, ciphers))
		return refuse("openssl-cipherlist", ciphers, err);
	if (w->cipher_suites && !SSL_CTX_set_ciphersuites(ctx, w->cipher_suites))
		return refuse("openssl-ciphersuites", w->cipher_suites, err);
	if (groups && !SSL_CTX_set1_groups_list(ctx, groups))
		return refuse("openssl-groups", w->groups, err);
	return 0;
}

/* "DHX" is what the library calls those of X9.42, which openssl dhparam writes as well. */
static bool is_dh(const EVP_PKEY *parameters)
{
	return EVP_PKEY_is_a(parameters, "DH") || EVP_PKEY_is_a(parameters, "DHX");
}

/* The parameters in a PEM file; NULL: none there. */
static EVP_PKEY *read_dh(const char *path)
{
	BIO *file = BIO_new_file(path, "r");
	EVP_PKEY *parameters = file ? PEM_read_bio_Parameters(file, NULL) : NULL;

	(void)BIO_free(file);
	if (parameters && !is_dh(parameters)) {
		EVP_PKEY_free(parameters);
		return NULL;
	}
	return parameters;
}

static int no_dh(const char *path, struct err *err)
{
	if (ERR_peek_error())
		return refuse("openssl-dhparam", path, err);
	return err_set(err, -EINVAL,
		       "option \"openssl-dhparam\": \"%s\": other parameters than DH's", path);
}

/* The library would prefer its own parameters, if it were to have some. */
static int set_dh(SSL_CTX *ctx, const struct openssl_settings *w, struct err *err)
{
	const char *path = w->dhparam ? w->dhparam : w->certificate;
	EVP_PKEY *parameters = path ? read_dh(path) : NULL;

	if (!parameters && w->dhparam)
		return no_dh(path, err);
	ERR_clear_error();
	SSL_CTX_set_dh_auto(ctx, !parameters);
	if (parameters && !SSL_CTX_set0_tmp_dh_pkey(ctx, parameters)) {
		EVP_PKEY_free(parameters);
		return refuse("openssl-dhparam", path, err);
	}
	return 0;
}

static int set_trust(SSL_CTX *ctx, const struct openssl_settings *w, struct err *err)
{
	if (w->cafile && !SSL_CTX_load_verify_file(ctx, w->cafile))
		return refuse("openssl-cafile", w->cafile, err);
	if (w->capath && !SSL_CTX_load_verify_dir(ctx, w->capath))
		return refuse("openssl-capath", w->capath, err);
	if (!w->cafile && !w->capath && w->verify && !SSL_CTX_set_default_verify_paths(ctx))
		return refuse("openssl-cafile", "default", err);
	return 0;
}

static int choose_alpn(SSL *session, const unsigned char **ret, unsigned char *ret_len,
		       const unsigned char *offered, unsigned int len, void *context)
{
	const struct openssl_context *c = context;
	unsigned char *chosen;

	(void)session;
	if (SSL_select_next_proto(&chosen, ret_len, c->alpn, (unsigned int)c->alpn_len, offered,
				  len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static int set_alpn(SSL_CTX *ctx, struct openssl_context *c, struct err *err)
{
	const char *text = c->settings->alpn;
	int len = text ? openssl_alpn_parse(text, c->alpn) : 0;

	if (!text)
		return 0;
	if (len < 0)
		return err_set(err, len, "option \"openssl-alpn\": \"%s\" is no list of protocols",
			       text);
	c->alpn_len = (size_t)len;
	(void)SSL_CTX_set_alpn_protos(ctx, c->alpn, (unsigned int)len);
	SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, c);
	return 0;
}

static int set_fragments(SSL_CTX *ctx, const struct openssl_settings *w, bool server,
			 struct err *err)
{
	static const struct {
		int bytes;
		uint8_t code;
	} sizes[] = {
		{ 0, TLSEXT_max_fragment_length_DISABLED },
		{ 512, TLSEXT_max_fragment_length_512 },
		{ 1024, TLSEXT_max_fragment_length_1024 },
		{ 2048, TLSEXT_max_fragment_length_2048 },
		{ 4096, TLSEXT_max_fragment_length_4096 },
	};
	size_t i = 0;

	while (i < ARRAY_SIZE(sizes) && sizes[i].bytes != w->max_fragment)
		i++;
	if (w->max_fragment && server)
		return err_set(err, -EINVAL, "option \"openssl-maxfraglen\" is for clients only");
	if (i == ARRAY_SIZE(sizes))
		return err_set(err, -EINVAL,
			       "option \"openssl-maxfraglen\": %d is not 512, 1024, 2048 or 4096",
			       w->max_fragment);
	if (w->max_fragment)
		(void)SSL_CTX_set_tlsext_max_fragment_length(ctx, sizes[i].code);
	if (w->max_send_fragment && !SSL_CTX_set_max_send_fragment(ctx, w->max_send_fragment)) {
		ERR_clear_error();
		return err_set(err, -EINVAL,
			       "option \"openssl-maxsendfrag\": %d is not between 512 and 16384",
			       w->max_send_fragment);
	}
	return 0;
}

static int set_compression(SSL_CTX *ctx, const struct openssl_settings *w, struct err *err)
{
	if (!w->compress || str_equal_nocase(w->compress, "none"))
		SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION);
	else if (str_equal_nocase(w->compress, "auto"))
		SSL_CTX_clear_options(ctx, SSL_OP_NO_COMPRESSION);
	else
		return err_set(err, -EINVAL,
			       "option \"openssl-compress\": \"%s\" is neither none nor auto",
			       w->compress);
	return 0;
}

int openssl_use_certificate(SSL_CTX *ctx, const char *certificate, const char *key, struct err *err)
{
	if (!SSL_CTX_use_certificate_chain_file(ctx, certificate))
		return refuse("openssl-certificate", certificate, err);
	if (!SSL_CTX_use_PrivateKey_file(ctx, key ? key : certificate, SSL_FILETYPE_PEM) ||
	    !SSL_CTX_check_private_key(ctx))
		return refuse("openssl-key", key ? key : certificate, err);
	return 0;
}

int openssl_rules_apply(SSL_CTX *ctx, struct openssl_context *c, struct err *err)
{
	const struct openssl_settings *w = c->settings;
	int r = set_versions(ctx, c, err);

	if (r == 0)
		r = set_algorithms(ctx, w, err);
	if (r == 0)
		r = set_dh(ctx, w, err);
	if (r == 0)
		r = set_trust(ctx, w, err);
	if (r == 0)
		r = set_alpn(ctx, c, err);
	if (r == 0)
		r = set_fragments(ctx, w, c->server, err);
	return r < 0 ? r : set_compression(ctx, w, err);
}
