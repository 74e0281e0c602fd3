/* SPDX-License-Identifier: MIT */
/* TLS with what the addresses OPENSSL and OPENSSL-LISTEN have (addr/openssl*.h): an address is
 * made up that says what the command line of nc says. */

#include "tool/nc_tls.h"

#include "addr/openssl_context.h"
#include "addr/openssl_verify.h"
#include "base/str.h"
#include "stream/tls.h"
#include "stream/tls_library.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { DAYS = 365, DAY = 24 * 60 * 60 };

struct nc_tls_context {
	struct address address;
	struct addr_shared shared;
	struct openssl_context *openssl;
	bool temporary;
};

void nc_tls_free(struct nc_tls_context **c)
{
	if (!*c)
		return;
	if ((*c)->shared.free)
		(*c)->shared.free((*c)->shared.made);
	free(take_ptr(*c));
}

/* A certificate that nobody vouches for. */

static int add_name(X509 *certificate, const char *host)
{
	uint8_t ip[16];
	bool is_ip = inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1;
	auto_free char *text = str_format("%s:%s", is_ip ? "IP" : "DNS", host);
	X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
	int done;

	if (!names)
		return -EINVAL;
	done = X509_add_ext(certificate, names, -1);
	X509_EXTENSION_free(names);
	return done ? 0 : -ENOMEM;
}

static int describe(X509 *certificate, EVP_PKEY *key, const char *host)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	uint64_t serial;

	if (getrandom(&serial, sizeof(serial), 0) != (ssize_t)sizeof(serial))
		return -EIO;
	if (!X509_set_version(certificate, X509_VERSION_3) ||
	    !ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) ||
	    !X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY) ||
	    !X509_gmtime_adj(X509_getm_notAfter(certificate), (long)DAYS * DAY) ||
	    !X509_set_pubkey(certificate, key) ||
	    !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)host, -1,
					-1, 0) ||
	    !X509_set_issuer_name(certificate, name))
		return -EINVAL;
	return add_name(certificate, host);
}

static int sign_own(SSL_CTX *ctx, const char *host)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	int r = key && certificate ? describe(certificate, key, host) : -ENOMEM;

	if (r == 0 &&
	    (!X509_sign(certificate, key, EVP_sha256()) ||
	     !SSL_CTX_use_certificate(ctx, certificate) || !SSL_CTX_use_PrivateKey(ctx, key)))
		r = -EINVAL;
	X509_free(certificate);
	EVP_PKEY_free(key);
	return r;
}

/* The context. */

/* The options of all dialects, and those that ncat has besides: [ssl_words]. */
static const char *const hints[2][OPENSSL_HINTS] = {
	{
		[OPENSSL_HINT_NAME] = "; --tls-name=NAME expects another name",
		[OPENSSL_HINT_PIN] = ", which --tls-hash does not admit",
		[OPENSSL_HINT_NO_CLIENT] = "; without --tls-ca any client will do",
		[OPENSSL_HINT_TIME] = " (--tls-no-verify takes any)",
		[OPENSSL_HINT_TRUST] = " (--tls-ca)",
		[OPENSSL_HINT_SYSTEM] = " (--tls-ca names others)",
		[OPENSSL_HINT_CERTIFICATE] = " (--tls-cert)",
		[OPENSSL_HINT_ALPN] = " (--tls-alpn)",
		[OPENSSL_HINT_SNI] = " (--tls-name)",
	},
	{
		[OPENSSL_HINT_NAME] = "; --tls-name=NAME expects another name",
		[OPENSSL_HINT_PIN] = ", which --tls-hash does not admit",
		[OPENSSL_HINT_NO_CLIENT] = "; without --ssl-verify and --ssl-trustfile any "
					   "client will do",
		[OPENSSL_HINT_TIME] = " (without --ssl-verify any will do)",
		[OPENSSL_HINT_TRUST] = " (--ssl-trustfile)",
		[OPENSSL_HINT_SYSTEM] = " (--ssl-trustfile names others)",
		[OPENSSL_HINT_CERTIFICATE] = " (--ssl-cert)",
		[OPENSSL_HINT_CIPHERS] = " (--ssl-ciphers)",
		[OPENSSL_HINT_ALGORITHMS] = " (--ssl-ciphers)",
		[OPENSSL_HINT_ALPN] = " (--ssl-alpn)",
		[OPENSSL_HINT_SNI] = " (--ssl-servername)",
	},
};

/* Errors of an address name its options; ours have other names. */
static void name_option(const struct nc_tls *tls, struct err *err)
{
	static const struct {
		const char *address, *ours[2];
	} names[] = {
		{ "option \"openssl-certificate\"", { "--tls-cert", "--ssl-cert" } },
		{ "option \"openssl-key\"", { "--tls-key", "--ssl-key" } },
		{ "option \"openssl-cafile\"", { "--tls-ca", "--ssl-trustfile" } },
		{ "option \"openssl-pin\"", { "--tls-hash", "--tls-hash" } },
		{ "option \"openssl-snihost\"", { "--ssl-servername", "--ssl-servername" } },
		{ "option \"openssl-cipherlist\"", { "--ssl-ciphers", "--ssl-ciphers" } },
		{ "option \"openssl-alpn\"", { "--tls-alpn", "--ssl-alpn" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *rest = NULL;

		if (!str_begins(err->text, names[i].address))
			continue;
		rest = str_copy(err->text + strlen(names[i].address));
		(void)err_set(err, err->code, "%s%s", names[i].ours[tls->ssl_options], rest);
		return;
	}
}

static struct openssl_settings settings_of(const struct nc_tls *tls, bool server)
{
	return (struct openssl_settings){
		.hints = hints[tls->ssl_words],
		.certificate = tls->certificate,
		.key = tls->key,
		.cafile = tls->ca,
		.verify = server ? tls->verify || tls->ca : !tls->no_verify,
		.common_name = tls->name,
		.pin = tls->pin,
		.sni_host = tls->server_name,
		.ciphers = tls->ciphers,
		.alpn = tls->alpn,
	};
}

int nc_tls_new(const struct nc_tls *tls, bool server, bool datagram, const char *host,
	       struct nc_tls_context **ret, struct err *err)
{
	static const char *const names[2][2] = { { "OPENSSL", "OPENSSL-LISTEN" },
						 { "OPENSSL-DTLS-CLIENT", "OPENSSL-DTLS-SERVER" } };
	auto_nc_tls c = new_object(struct nc_tls_context);
	int r = tls_library_load(err);

	if (r < 0)
		return r;
	if (tls->key && !tls->certificate)
		return err_set(err, -EINVAL, "--tls-key needs --tls-cert");
	c->address.type = addr_find(names[datagram][server]);
	c->address.keyword = "TLS";
	c->address.settings.openssl = settings_of(tls, server);
	c->address.shared = &c->shared;
	r = openssl_context_of(&c->address, &c->openssl, err);
	if (r < 0) {
		name_option(tls, err);
		return r;
	}
	if (tls->ca && tls->system_too)
		(void)SSL_CTX_set_default_verify_paths(c->openssl->ctx);
	if (server && !tls->certificate) {
		c->temporary = true;
		r = sign_own(c->openssl->ctx, host ? host : "localhost");
		if (r < 0)
			return err_set(err, r, "no certificate could be made for \"%s\"",
				       host ? host : "localhost");
	}
	*ret = take_ptr(c);
	return 0;
}

bool nc_tls_is_temporary(const struct nc_tls_context *c)
{
	return c->temporary;
}

/* A session. */

static bool is_ip(const char *host)
{
	uint8_t ip[16];

	return inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1;
}

/* Addresses are no names that a server could be asked for (RFC 6066). */
static void ask_for_name(SSL *session, const struct openssl_settings *w, const char *expected)
{
	const char *name = w->sni_host ? w->sni_host : expected;
	auto_free char *copy = NULL;

	if (!name || !*name || (!w->sni_host && is_ip(name)))
		return;
	copy = str_copy(name); /* the macro casts const away */
	(void)SSL_set_tlsext_host_name(session, copy);
}

int nc_tls_over(struct nc_tls_context *c, struct stream **s, const char *host, struct err *err)
{
	const struct openssl_settings *w = c->openssl->settings;
	const char *expected = w->common_name ? w->common_name : host;
	struct openssl_finding finding = { .error = 0 };
	SSL *session = openssl_session_new(c->openssl);
	int r;

	if (!session)
		return err_set(err, -ENOMEM, "SSL_new(): %s", err_reason(-ENOMEM));
	if (!c->openssl->server)
		ask_for_name(session, w, expected);
	*s = stream_new_tls(*s, session);
	SSL_set_app_data(session, &finding);
	r = tls_handshake(*s, "TLS handshake", err);
	SSL_set_app_data(session, NULL);
	if (r < 0 && r != -ECANCELED)
		openssl_explain(c->openssl, session, &finding, tls_failure(*s), err);
	if (r == 0)
		r = openssl_check_peer(c->openssl, session, c->openssl->server ? NULL : expected,
				       err);
	return r;
}

int nc_tls_refused(const struct nc_tls_context *c, const struct stream *s, struct err *err)
{
	const char *text = tls_refusal(s);

	return text ? err_set(err, -EACCES, "%s%s", text,
			      c->openssl->settings->hints[OPENSSL_HINT_CERTIFICATE])
		    : 0;
}

/* Who that is. */

const char *nc_tls_fingerprint(const struct nc_tls_context *c, const struct stream *s, char *out,
			       size_t size)
{
	X509 *certificate = s ? SSL_get0_peer_certificate(tls_session(s))
			      : SSL_CTX_get0_certificate(c->openssl->ctx);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	size_t at = 0;

	*out = '\0';
	if (!certificate || !X509_digest(certificate, EVP_sha1(), digest, &len))
		return out;
	for (unsigned int i = 0; i + 1 < len && at < size; i += 2)
		at += (size_t)snprintf(out + at, size - at, "%s%02X%02X", i ? " " : "", digest[i],
				       digest[i + 1]);
	return out;
}

const char *nc_tls_organisation(const struct stream *s, char *out, size_t size)
{
	X509 *certificate = SSL_get0_peer_certificate(tls_session(s));
	char text[256];
	int len;

	*out = '\0';
	if (!certificate)
		return out;
	len = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_organizationName,
					text, sizeof(text));
	return len > 0 ? str_escape(text, (size_t)len, out, size) : out;
}
