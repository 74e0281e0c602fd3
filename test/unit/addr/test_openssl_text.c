/* SPDX-License-Identifier: MIT */
/* Words of the OPENSSL options and names in certificates. */

#include "addr/openssl_text.h"

#include "base/base.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_names(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool matches;
	} rows[] = {
		{ "example.org", "example.org", true },
		{ "example.org", "EXAMPLE.org", true },
		{ "example.org", "www.example.org", false },
		{ "example.org", "example.org.evil", false },
		{ "example.org", "", false },
		{ "", "example.org", false },
		{ "*.example.org", "www.example.org", true },
		{ "*.Example.org", "WWW.example.ORG", true },
		{ "*.example.org", "example.org", true }, /* as in classic */
		{ "*.example.org", "a.b.example.org", false },
		{ "*.example.org", ".example.org", false },
		{ "*.example.org", "www.example.net", false },
		{ "*", "localhost", false },
		{ "*.", "localhost", false },
		{ "w*.example.org", "www.example.org", false },
		{ "*.*.org", "www.example.org", false },
		{ "www.*.org", "www.*.org", false },
		{ "127.0.0.1", "127.0.0.1", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("%s %s\n", rows[i].pattern, rows[i].host);
		assert_int_equal(openssl_name_matches(rows[i].pattern, strlen(rows[i].pattern),
						      rows[i].host),
				 rows[i].matches);
	}
}

/* A NUL in a certificate must not cut the name (CVE-2009-2408). */
static void test_name_with_nul(void **state)
{
	static const char name[] = "example.org\0.evil";

	(void)state;
	assert_false(openssl_name_matches(name, sizeof(name) - 1, "example.org"));
}

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eFF"
#define BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8="

static void test_pins(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t n;
	} rows[] = {
		{ HEX, 0, 1 },
		{ BASE64, 0, 1 },
		{ "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8", 0, 1 },
		{ "sha256//" BASE64, 0, 1 },
		{ "sha256//" HEX, 0, 1 },
		{ "sha256//" BASE64 ";" HEX " " HEX ";", 0, 3 },
		{ HEX ";" HEX ";" HEX ";" HEX ";" HEX ";" HEX ";" HEX ";" HEX, 0, 8 },
		{ HEX ";" HEX ";" HEX ";" HEX ";" HEX ";" HEX ";" HEX ";" HEX ";" HEX, -E2BIG, 0 },
		{ "", -EINVAL, 0 },
		{ " ; ", -EINVAL, 0 },
		{ HEX "0", -EINVAL, 0 },
		{ "sha256//", -EINVAL, 0 },
		{ "sha1//" BASE64, -EINVAL, 0 },
		{ "0g0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", -EINVAL, 0 },
		{ "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv-=", -EINVAL, 0 },
		{ "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv9", -EINVAL, 0 }, /* 258 bits */
	};
	static const uint8_t first[] = { 0, 1, 2, 3, 4, 5, 6, 7 }, last[] = { 0x1d, 0x1e, 0xff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct openssl_pins pins = { .n = 99 };

		print_message("%s\n", rows[i].text);
		assert_int_equal(openssl_pins_parse(rows[i].text, &pins), rows[i].result);
		assert_int_equal(pins.n, rows[i].result == 0 ? rows[i].n : 99);
		for (size_t j = 0; rows[i].result == 0 && j < pins.n; j++) {
			assert_memory_equal(pins.digest[j], first, sizeof(first));
			assert_memory_equal(pins.digest[j] + 29, last, sizeof(last));
		}
	}
}

static void test_alpn(void **state)
{
	uint8_t list[OPENSSL_ALPN_MAX];
	char text[300];

	(void)state;
	assert_int_equal(openssl_alpn_parse("h2:http/1.1", list), 12);
	assert_memory_equal(list, "\2h2\10http/1.1", 12);
	assert_int_equal(openssl_alpn_parse("h2,h3", list), 6);
	assert_memory_equal(list, "\2h2\2h3", 6);
	assert_int_equal(openssl_alpn_parse("", list), -EINVAL);
	assert_int_equal(openssl_alpn_parse(":h2", list), -EINVAL);
	assert_int_equal(openssl_alpn_parse("h2:", list), -EINVAL);
	memset(text, 'x', sizeof(text));
	text[255] = '\0';
	assert_int_equal(openssl_alpn_parse(text, list), 256);
	text[255] = 'x';
	text[256] = '\0';
	assert_int_equal(openssl_alpn_parse(text, list), -EINVAL);
	text[250] = ':'; /* each fits, both do not */
	text[260] = '\0';
	assert_int_equal(openssl_alpn_parse(text, list), -EINVAL);
}

static void test_versions(void **state)
{
	static const struct {
		const char *text;
		int number;
	} rows[] = {
		{ "TLS1.2", 0x0303 }, { "tlsv1.3", 0x0304 },  { "TLS1", 0x0301 },
		{ "TLS1.0", 0x0301 }, { "SSL3", 0x0300 },     { "SSL23", 0 },
		{ "DTLS1", 0xfeff },  { "DTLSv1.2", 0xfefd }, { "TLS1.4", -1 },
		{ "", -1 },	      { "TLS", 0 },	      { "TLS1.2 ", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("%s\n", rows[i].text);
		assert_int_equal(openssl_version_parse(rows[i].text), rows[i].number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	 cmocka_unit_test(test_name_with_nul),
		cmocka_unit_test(test_pins),	 cmocka_unit_test(test_alpn),
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
