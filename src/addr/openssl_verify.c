/* SPDX-License-Identifier: MIT */
/* The peer's certificate: chain, name, key; see openssl_verify.h. */

#include "addr/openssl_verify.h"

#include "base/log.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* The options of the addresses. */
static const char *const own_hints[OPENSSL_HINTS] = {
	[OPENSSL_HINT_NAME] = "; option commonname=NAME expects another name",
	[OPENSSL_HINT_PIN] = ", which option \"pin\" does not admit",
	[OPENSSL_HINT_NO_PEER] = "; option verify=0 does without",
	[OPENSSL_HINT_NO_CLIENT] = "; option verify=0 does without",
	[OPENSSL_HINT_TIME] = " (option verify=0 takes any)",
	[OPENSSL_HINT_TRUST] = " (options cafile and capath)",
	[OPENSSL_HINT_SYSTEM] = " (options cafile and capath name others)",
	[OPENSSL_HINT_CERTIFICATE] = " (option cert)",
	[OPENSSL_HINT_CIPHERS] = " (options cipher and ciphersuites)",
	[OPENSSL_HINT_GROUPS] = " (option groups)",
	[OPENSSL_HINT_ALGORITHMS] = " (options cipher, ciphersuites, groups)",
	[OPENSSL_HINT_ALPN] = " (option alpn)",
	[OPENSSL_HINT_SNI] = " (options snihost and no-sni)",
	[OPENSSL_HINT_METHOD] = " (option method)",
	[OPENSSL_HINT_MIN_VERSION] = " (option min-proto-version)",
	[OPENSSL_HINT_MAX_VERSION] = " (option max-proto-version)",
};

static const char *hint(const struct openssl_context *c, enum openssl_hint number)
{
	const char *text = (c->settings->hints ? c->settings->hints : own_hints)[number];

	return text ? text : "";
}

const char *openssl_name_text(const X509_NAME *name, char *out, size_t size)
{
	BIO *text = BIO_new(BIO_s_mem());
	int n;

	*out = '\0';
	if (text &&
	    X509_NAME_print_ex(text, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		n = BIO_read(text, out, (int)size - 1);
		out[MAX(n, 0)] = '\0';
	}
	(void)BIO_free(text);
	return out;
}

static void note_time(X509 *certificate, long error, char *out, size_t size)
{
	const ASN1_TIME *time = error == X509_V_ERR_CERT_NOT_YET_VALID
					? X509_get0_notBefore(certificate)
					: X509_get0_notAfter(certificate);
	BIO *text;
	int n;

	*out = '\0';
	if (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID)
		return;
	text = BIO_new(BIO_s_mem());
	if (text && ASN1_TIME_print(text, time)) {
		n = BIO_read(text, out, (int)size - 1);
		out[MAX(n, 0)] = '\0';
	}
	(void)BIO_free(text);
}

/* Called for each certificate of the chain.  With option pin alone it is the key that
 * decides, not the chain. */
static int judge(int good, X509_STORE_CTX *store)
{
	SSL *session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct openssl_context *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));
	struct openssl_finding *finding = SSL_get_app_data(session);
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);

	if (good || !c->settings->verify)
		return 1;
	if (!finding || !certificate)
		return 0;
	finding->error = X509_STORE_CTX_get_error(store);
	finding->depth = X509_STORE_CTX_get_error_depth(store);
	openssl_name_text(X509_get_subject_name(certificate), finding->subject,
			  sizeof(finding->subject));
	openssl_name_text(X509_get_issuer_name(certificate), finding->issuer,
			  sizeof(finding->issuer));
	note_time(certificate, finding->error, finding->time, sizeof(finding->time));
	return 0;
}

void openssl_verify_rules(SSL_CTX *ctx, const struct openssl_context *c)
{
	bool wanted = c->settings->verify || c->settings->pin;

	SSL_CTX_set_verify(
		ctx, wanted ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE,
		judge);
}

static bool text_matches(const ASN1_STRING *text, const char *host)
{
	return openssl_name_matches((const char *)ASN1_STRING_get0_data(text),
				    (size_t)ASN1_STRING_length(text), host);
}

/* An address as text, without the brackets of IPv6. */
static size_t parse_ip(const char *host, uint8_t ret[16])
{
	auto_free char *bare =
		*host == '[' ? str_copy_n(host + 1, strcspn(host + 1, "]")) : str_copy(host);

	if (inet_pton(AF_INET, bare, ret) == 1)
		return 4;
	return inet_pton(AF_INET6, bare, ret) == 1 ? 16 : 0;
}

static bool alternative_matches(const GENERAL_NAME *name, const char *host)
{
	uint8_t ip[16];
	size_t len;

	if (name->type == GEN_DNS)
		return text_matches(name->d.dNSName, host);
	if (name->type != GEN_IPADD)
		return false;
	len = parse_ip(host, ip);
	return len && (size_t)ASN1_STRING_length(name->d.iPAddress) == len &&
	       memcmp(ASN1_STRING_get0_data(name->d.iPAddress), ip, len) == 0;
}

static bool has_alternative(const GENERAL_NAMES *names, const char *host)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (alternative_matches(sk_GENERAL_NAME_value(names, i), host))
			return true;
	return false;
}

static bool has_common_name(const X509_NAME *subject, const char *host)
{
	for (int i = -1; (i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0;)
		if (text_matches(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)), host))
			return true;
	return false;
}

bool openssl_certificate_has_name(X509 *certificate, const char *host)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool found = names && has_alternative(names, host);

	GENERAL_NAMES_free(names);
	return found || has_common_name(X509_get_subject_name(certificate), host);
}

/* "other.example, 192.0.2.1": at most so much as a sentence bears. */
static const char *names_text(X509 *certificate, char *out, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	BIO *text = BIO_new(BIO_s_mem());
	int n = 0;

	for (int i = 0; text && i < sk_GENERAL_NAME_num(names); i++) {
		if (i)
			(void)BIO_puts(text, ", ");
		(void)GENERAL_NAME_print(text, sk_GENERAL_NAME_value(names, i));
	}
	n = text && names ? BIO_read(text, out, (int)size - 1) : 0;
	out[MAX(n, 0)] = '\0';
	for (char *at = out; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	(void)BIO_free(text);
	GENERAL_NAMES_free(names);
	return out;
}

static int check_name(const struct openssl_context *c, X509 *certificate, const char *expected,
		      struct err *err)
{
	char subject[OPENSSL_NAME_TEXT], issuer[OPENSSL_NAME_TEXT], names[256];

	if (openssl_certificate_has_name(certificate, expected)) {
		log_notice("trusting certificate, commonName matches");
		return 0;
	}
	openssl_name_text(X509_get_subject_name(certificate), subject, sizeof(subject));
	openssl_name_text(X509_get_issuer_name(certificate), issuer, sizeof(issuer));
	names_text(certificate, names, sizeof(names));
	return err_set(err, -EACCES,
		       "certificate is valid but its commonName does not match hostname \"%s\"; it "
		       "belongs to \"%s\"%s%s%s, signed by \"%s\"%s",
		       expected, subject, *names ? " (" : "", names, *names ? ")" : "", issuer,
		       hint(c, OPENSSL_HINT_NAME));
}

static int key_digest(X509 *certificate, uint8_t ret[OPENSSL_PIN_SIZE])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	size_t n = 0;
	bool done;

	if (len < 0)
		return -EINVAL;
	done = EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)len, ret, &n);
	OPENSSL_free(der);
	return done && n == OPENSSL_PIN_SIZE ? 0 : -EINVAL;
}

static int check_pin(const struct openssl_context *c, X509 *certificate, struct err *err)
{
	const struct openssl_pins *pins = &c->pins;
	uint8_t digest[OPENSSL_PIN_SIZE];
	char text[2 * OPENSSL_PIN_SIZE], subject[OPENSSL_NAME_TEXT], issuer[OPENSSL_NAME_TEXT];

	if (key_digest(certificate, digest) < 0)
		return err_set(err, -EACCES, "the peer's public key cannot be read");
	for (size_t i = 0; i < pins->n; i++)
		if (memcmp(pins->digest[i], digest, sizeof(digest)) == 0)
			return 0;
	(void)EVP_EncodeBlock((unsigned char *)text, digest, sizeof(digest));
	openssl_name_text(X509_get_subject_name(certificate), subject, sizeof(subject));
	openssl_name_text(X509_get_issuer_name(certificate), issuer, sizeof(issuer));
	return err_set(err, -EACCES,
		       "the peer's public key is sha256//%s%s; its certificate is \"%s\", "
		       "signed by \"%s\"",
		       text, hint(c, OPENSSL_HINT_PIN), subject, issuer);
}

int openssl_check_peer(const struct openssl_context *c, SSL *session, const char *expected,
		       struct err *err)
{
	X509 *certificate = SSL_get0_peer_certificate(session);
	int r = 0;

	if (!c->settings->verify && !c->pins.n) {
		log_notice(certificate ? "option openssl-verify disabled, no check of certificate"
				       : "no peer certificate and no check");
		return 0;
	}
	if (!certificate)
		return err_set(err, -EACCES, "no peer certificate%s",
			       hint(c, OPENSSL_HINT_NO_PEER));
	if (c->pins.n)
		r = check_pin(c, certificate, err);
	if (r < 0 || !c->settings->verify)
		return r;
	if (expected && *expected)
		return check_name(c, certificate, expected, err);
	log_notice("trusting certificate, no check of commonName");
	return 0;
}

/* What was expected, and which option says so. */
static void explain_trust(const struct openssl_context *c, const struct openssl_finding *finding,
			  struct err *err)
{
	const struct openssl_settings *w = c->settings;
	const char *trusted = w->cafile ? w->cafile : w->capath;

	if (finding->error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
		err_add(err,
			"; the certificate of \"%s\" is not trusted here, nor did the peer send it",
			finding->issuer);
	if (trusted)
		err_add(err, "; expected was one that \"%s\" vouches for%s", trusted,
			hint(c, OPENSSL_HINT_TRUST));
	else
		err_add(err, "; expected was one that the system's authorities vouch for%s",
			hint(c, OPENSSL_HINT_SYSTEM));
}

static void explain_certificate(const struct openssl_context *c,
				const struct openssl_finding *finding, struct err *err)
{
	err_add(err, "; certificate \"%s\" signed by \"%s\": %s%s%s", finding->subject,
		finding->issuer, X509_verify_cert_error_string(finding->error),
		*finding->time ? ": " : "", finding->time);
	if (finding->error == X509_V_ERR_CERT_HAS_EXPIRED ||
	    finding->error == X509_V_ERR_CERT_NOT_YET_VALID)
		err_add(err, "; expected was one that is valid by the clock of this machine%s",
			hint(c, OPENSSL_HINT_TIME));
	else
		explain_trust(c, finding, err);
}

static const char *version_name(long version, const char *otherwise)
{
	static const struct {
		long number;
		const char *name;
	} names[] = {
		{ SSL3_VERSION, "SSLv3" },	 { TLS1_VERSION, "TLSv1" },
		{ TLS1_1_VERSION, "TLSv1.1" },	 { TLS1_2_VERSION, "TLSv1.2" },
		{ TLS1_3_VERSION, "TLSv1.3" },	 { DTLS1_VERSION, "DTLSv1" },
		{ DTLS1_2_VERSION, "DTLSv1.2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == version)
			return names[i].name;
	return otherwise;
}

/* The numbers of TLS grow with its versions, those of DTLS fall. */
static bool is_older(const struct openssl_context *c, long version, long other)
{
	return c->datagram ? version > other : version < other;
}

/* Is it this side that is too old, as far as one side can tell?  Without a limit, or with the
 * newest version, never.  A client is told only that it was refused.  A server hears up to which
 * version the client goes (TLS 1.3 calls itself 1.2 there): if that is enough, then the client's
 * oldest version is too new. */
static bool is_too_old(const struct openssl_context *c, SSL *session, bool refused_us)
{
	long max = SSL_get_max_proto_version(session);

	if (!max || !is_older(c, max, c->datagram ? DTLS1_2_VERSION : TLS1_3_VERSION))
		return false;
	return c->server ? !is_older(c, SSL_client_version(session), max) : refused_us;
}

static void explain_version(const struct openssl_context *c, SSL *session, bool refused_us,
			    struct err *err)
{
	const char *peer = c->server ? "client" : "server";
	long min = SSL_get_min_proto_version(session), max = SSL_get_max_proto_version(session);
	bool one = c->settings->method;

	if (is_too_old(c, session, refused_us))
		err_add(err,
			"; this side is too old for the %s: %s is the most that is allowed here%s",
			peer, version_name(max, "?"),
			hint(c, one ? OPENSSL_HINT_METHOD : OPENSSL_HINT_MAX_VERSION));
	else
		err_add(err, "; the %s is too old: it does not speak %s%s%s", peer,
			version_name(min, "what is the least here"), min ? " or newer" : "",
			hint(c, one ? OPENSSL_HINT_METHOD : OPENSSL_HINT_MIN_VERSION));
}

/* What the library's words mean; the first row that fits. */
static const struct meaning {
	int reason;
	enum { BY_CLIENT = 1, BY_SERVER = 2, BY_BOTH = 3 } side; /* who says so */
	const char *text;
	enum openssl_hint hint;
	const char *more; /* goes on after the hint */
	enum openssl_hint hint_more;
} meanings[] = {
	{ SSL_R_WRONG_VERSION_NUMBER, BY_BOTH, "the peer does not speak TLS on this connection" },
	{ SSL_R_HTTP_REQUEST, BY_SERVER, "the client speaks HTTP without TLS" },
	{ SSL_R_HTTPS_PROXY_REQUEST, BY_SERVER, "the client takes this for an HTTP proxy" },
	{ SSL_R_NO_SHARED_CIPHER, BY_SERVER,
	  "no cipher in common: the client has none that is admitted here", OPENSSL_HINT_CIPHERS,
	  " and fits the certificate", OPENSSL_HINT_CERTIFICATE },
	{ SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, BY_SERVER,
	  "the client cannot use the kind of key of our certificate" },
	{ SSL_R_NO_SUITABLE_KEY_SHARE, BY_SERVER, "no group in common", OPENSSL_HINT_GROUPS },
	{ SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, BY_CLIENT,
	  "the server has nothing in common with us", OPENSSL_HINT_ALGORITHMS,
	  ", no certificate, or wants one of ours", OPENSSL_HINT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, BY_SERVER,
	  "the client has nothing in common with us", OPENSSL_HINT_ALGORITHMS },
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA, BY_BOTH,
	  "the peer does not trust who has signed our certificate", OPENSSL_HINT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, BY_BOTH, "the peer refuses our certificate",
	  OPENSSL_HINT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, BY_BOTH, "the peer refuses our certificate",
	  OPENSSL_HINT_CERTIFICATE },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, BY_BOTH, "our certificate has expired",
	  OPENSSL_HINT_CERTIFICATE },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, BY_SERVER,
	  "expected was a certificate of the client", OPENSSL_HINT_NO_CLIENT },
	{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, BY_CLIENT,
	  "the server wants a certificate of ours", OPENSSL_HINT_CERTIFICATE },
	{ SSL_R_NO_APPLICATION_PROTOCOL, BY_SERVER, "no protocol in common", OPENSSL_HINT_ALPN },
	{ SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL, BY_CLIENT, "no protocol in common",
	  OPENSSL_HINT_ALPN },
	{ SSL_R_TLSV1_UNRECOGNIZED_NAME, BY_CLIENT, "the server does not know the name",
	  OPENSSL_HINT_SNI },
	{ SSL_R_UNEXPECTED_EOF_WHILE_READING, BY_BOTH,
	  "the peer has closed the connection during the handshake" },
};

void openssl_explain(const struct openssl_context *c, SSL *session,
		     const struct openssl_finding *finding, unsigned long failure, struct err *err)
{
	int reason = ERR_GET_LIB(failure) == ERR_LIB_SSL ? ERR_GET_REASON(failure) : 0;

	if (finding->error)
		return explain_certificate(c, finding, err);
	if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
		return explain_version(c, session, reason != SSL_R_UNSUPPORTED_PROTOCOL, err);
	for (const struct meaning *m = meanings; m < meanings + ARRAY_SIZE(meanings); m++) {
		if (m->reason == reason && m->side & (c->server ? BY_SERVER : BY_CLIENT)) {
			err_add(err, "; %s%s%s%s", m->text, hint(c, m->hint),
				m->more ? m->more : "", hint(c, m->hint_more));
			return;
		}
	}
}
