/* SPDX-License-Identifier: MIT */
/* What programs learn of a TLS session; see openssl_env.h. */

#include "addr/openssl_env.h"

#include "addr/openssl_verify.h"
#include "base/buf.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

/* Several values of one variable. */
static const char separator[] = " // ";

static void set(const struct opening *o, const char *name, const char *value)
{
	env_set(o->env, o->context->env_prefix, name, value);
}

static void add_value(struct buf *values, const char *value, size_t len)
{
	if (values->len)
		buf_put_text(values, separator);
	for (size_t i = 0; i < len && value[i]; i++)
		buf_put_byte(values, value[i]);
}

static void add_string(struct buf *values, const ASN1_STRING *text)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, text);

	if (len >= 0)
		add_value(values, (const char *)utf8, (size_t)len);
	OPENSSL_free(utf8);
}

/* OPENSSL_X509_COMMONNAME and the like, all values of one kind together. */
static void set_field(const struct opening *o, const X509_NAME *subject, int nid)
{
	auto_buf values = { .max = 4096 };
	char name[80];
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(subject, nid, i)) >= 0)
		add_string(&values, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)));
	(void)snprintf(name, sizeof(name), "OPENSSL_X509_%s", OBJ_nid2ln(nid));
	for (char *at = name; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	set(o, name, buf_text(&values));
}

static void set_fields(const struct opening *o, const X509_NAME *subject)
{
	for (int i = 0; i < X509_NAME_entry_count(subject); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));

		if (nid != NID_undef && X509_NAME_get_index_by_NID(subject, nid, -1) == i)
			set_field(o, subject, nid);
	}
}

static void add_ip(struct buf *values, const ASN1_OCTET_STRING *ip)
{
	char text[INET6_ADDRSTRLEN];
	int len = ASN1_STRING_length(ip);

	if ((len == 4 || len == 16) &&
	    inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), text, sizeof(text)))
		add_value(values, text, sizeof(text));
}

static void set_alternatives(const struct opening *o, const X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	auto_buf dns = { .max = 4096 };
	auto_buf ip = { .max = 4096 };

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS)
			add_string(&dns, name->d.dNSName);
		else if (name->type == GEN_IPADD)
			add_ip(&ip, name->d.iPAddress);
	}
	if (dns.len)
		set(o, "OPENSSL_X509V3_SUBJECTALTNAME_DNS", buf_text(&dns));
	if (ip.len)
		set(o, "OPENSSL_X509V3_SUBJECTALTNAME_IPADD", buf_text(&ip));
	GENERAL_NAMES_free(names);
}

static void set_certificate(const struct opening *o, const X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	char text[1024];

	openssl_name_text(subject, text, sizeof(text));
	log_info("SSL peer cert subject: \"%s\"", text);
	set(o, "OPENSSL_X509_SUBJECT", text);
	openssl_name_text(X509_get_issuer_name(certificate), text, sizeof(text));
	log_info("SSL peer cert issuer: \"%s\"", text);
	set(o, "OPENSSL_X509_ISSUER", text);
	set_fields(o, subject);
	set_alternatives(o, certificate);
}

static void tell_compression(const char *direction, const COMP_METHOD *method)
{
	log_notice("SSL connection %s \"%s\"", direction,
		   method ? SSL_COMP_get_name(method) : "none");
}

void openssl_env(const struct opening *o, const SSL *session)
{
	const X509 *certificate = SSL_get0_peer_certificate(session);
	const unsigned char *alpn;
	unsigned int len;
	char text[256];

	log_notice("SSL proto version used: %s", SSL_get_version(session));
	log_notice("SSL connection using %s", SSL_get_cipher_name(session));
	tell_compression("compression", SSL_get_current_compression(session));
	tell_compression("expansion", SSL_get_current_expansion(session));
	log_info("SSL session %s", SSL_session_reused(session) ? "resumed" : "new");
	if (!o->env) /* nobody reads variables */
		return;
	set(o, "OPENSSL_PROTO_VERSION", SSL_get_version(session));
	set(o, "OPENSSL_CIPHER", SSL_get_cipher_name(session));
	SSL_get0_alpn_selected(session, &alpn, &len);
	if (len) {
		(void)snprintf(text, sizeof(text), "%.*s", (int)len, (const char *)alpn);
		set(o, "OPENSSL_ALPN", text);
	}
	if (certificate && (o->env || log_wants(LEVEL_INFO)))
		set_certificate(o, certificate);
}
