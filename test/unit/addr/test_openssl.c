/* SPDX-License-Identifier: MIT */
/* The context of an OPENSSL address: shared, made again from new files, kept if they are bad. */

#include "addr/openssl.h"
#include "addr/openssl_context.h"
#include "addr/openssl_verify.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static X509 *new_certificate(EVP_PKEY *key, const char *name)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);

	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), 1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 3600));
	assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
						    (const unsigned char *)name, -1, -1, 0),
			 1);
	assert_int_equal(X509_set_issuer_name(x, subject), 1);
	assert_int_equal(X509_set_pubkey(x, key), 1);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

/* A self-signed certificate and its key. */
static void write_certificate(const char *path, const char *name)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = new_certificate(key, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, x), 1);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(file), 0);
	X509_free(x);
	EVP_PKEY_free(key);
}

static bool serves(const struct openssl_context *c, const char *name)
{
	return openssl_certificate_has_name(SSL_CTX_get0_certificate(c->ctx), name);
}

static void test_reload(void **state)
{
	static const struct addr_context context = { .program = "socat", .env_prefix = "SOCAT_" };
	auto_free char *path = str_format("/tmp/sockbox-test-%d.pem", (int)getpid());
	auto_free char *text = str_format("OPENSSL-LISTEN:0,verify=0,cert=%s", path);
	auto_address_pair pair = { 0 };
	struct openssl_context *first, *again;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tls_library_load(&err), 0);
	write_certificate(path, "first.example");
	assert_int_equal(address_parse(text, &context, &pair, &err), 0);
	assert_int_equal(openssl_reload(&pair.part[0], &err), 0); /* nothing made yet */
	assert_int_equal(openssl_context_of(&pair.part[0], &first, &err), 0);
	assert_int_equal(openssl_context_of(&pair.part[0], &again, &err), 0);
	assert_ptr_equal(first, again);
	assert_true(serves(first, "first.example"));

	write_certificate(path, "second.example");
	assert_int_equal(openssl_reload(&pair.part[0], &err), 0);
	assert_int_equal(openssl_context_of(&pair.part[0], &again, &err), 0);
	assert_true(serves(again, "second.example"));
	assert_true(serves(first, "first.example")); /* of handshakes that have begun */

	assert_int_equal(truncate(path, 10), 0);
	assert_true(openssl_reload(&pair.part[0], &err) < 0);
	assert_non_null(strstr(err.text, "openssl-certificate"));
	assert_int_equal(openssl_context_of(&pair.part[0], &again, &err), 0);
	assert_true(serves(again, "second.example"));
	assert_int_equal(unlink(path), 0);
}

/* Only certificates of OPENSSL addresses are read again. */
static void test_reload_of_others(void **state)
{
	static const struct addr_context context = { .program = "socat", .env_prefix = "SOCAT_" };
	auto_address_pair pair = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(address_parse("TCP-LISTEN:0", &context, &pair, &err), 0);
	assert_int_equal(openssl_reload(&pair.part[0], &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_reload_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
