/* SPDX-License-Identifier: MIT */
/* Digest: challenges, and the answers of the RFCs' examples. */

#include "base/str.h"
#include "proto/http_digest.h"
#include "proto/http_hash.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define TEXT_400                                                                                   \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"8901234567890123456789012345678901234567890123456789012345678901234567890123456789012345" \
	"6"                                                                                        \
	"7890123456789012345678901234567890123456789012345678901234567890123456789012345678901234" \
	"5"                                                                                        \
	"6789012345678901234567890123456789012345678901234567890123456789012345678901234567890123" \
	"45"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *realm, *nonce;
	} rows[] = {
		{ "Digest realm=\"r\", nonce=\"n\"", 0, "r", "n" },
		{ "digest REALM = \"r, s\" ,nonce=n , qop=\"auth-int, auth\"", 0, "r, s", "n" },
		{ "Digest realm=\"a\\\"b\\\\\", nonce=\"n\", algorithm=md5", 0, "a\"b\\", "n" },
		{ "Basic realm=\"Digest x\", Digest realm=\"q\", nonce=\"n\"", 0, "q", "n" },
		{ "Digest nonce=n, Basic realm=\"r\", nonce=m", 0, "", "n" },
		{ "Negotiate abc==, Digest nonce=n, algorithm=SHA-256", 0, "", "n" },
		{ "", -ENOENT, NULL, NULL },
		{ "Basic realm=\"r\"", -ENOENT, NULL, NULL },
		{ "Digestive nonce=n", -ENOENT, NULL, NULL },
		{ "Digest realm=\"r\"", -EPROTO, NULL, NULL },
		{ "Digest nonce=\"\"", -EPROTO, NULL, NULL },
		{ "Digest nonce=\"n", -EPROTO, NULL, NULL },
		{ "Digest nonce=\"n\\", -EPROTO, NULL, NULL },
		{ "Digest nonce=\"n\", =x", -EPROTO, NULL, NULL },
		{ "Digest nonce=\"a\tb\"", -EPROTO, NULL, NULL },
		{ "Digest nonce=\"a\x7f\"", -EPROTO, NULL, NULL },
		{ "Digest nonce=\"" TEXT_400 TEXT_400 "\"", -EPROTO, NULL, NULL },
		{ "Digest nonce=n, algorithm=SHA-512-256", -EOPNOTSUPP, NULL, NULL },
		{ "Digest nonce=n, algorithm=MD5-sess", -EOPNOTSUPP, NULL, NULL },
		{ "Digest nonce=n, qop=\"auth-int\"", -EOPNOTSUPP, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_digest c;
		int r = http_digest_parse(rows[i].text, strlen(rows[i].text), &c);

		if (r != rows[i].result)
			fail_msg("%s: %d", rows[i].text, r);
		if (r < 0)
			continue;
		assert_string_equal(c.realm, rows[i].realm);
		assert_string_equal(c.nonce, rows[i].nonce);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *text;
		bool basic;
	} rows[] = {
		{ "Basic", true },
		{ "basic realm=\"r\"", true },
		{ "Negotiate, Basic realm=\"r\"", true },
		{ "NTLM TlRMTVNT==, Basic realm=\"r\"", true },
		{ "Digest realm=\"r\", nonce=n,Basic", true },
		{ "", false },
		{ "Basics realm=\"r\"", false },
		{ "Basic=x", false },
		{ "Digest realm=\"r, Basic b\"", false },
		{ "Digest realm=\"r, Basic", false },
		{ "=, Basic", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (http_challenge_names(rows[i].text, strlen(rows[i].text), "Basic") !=
		    rows[i].basic)
			fail_msg("%s", rows[i].text);
}

static void skip_without_hashes(void)
{
	char text[HTTP_HASH_TEXT];
	struct err err;

	if (http_hash("MD5", "", 0, text, &err) < 0)
		skip();
}

#define RFC7616 "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
#define NONCE "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
#define OPAQUE "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
#define CNONCE7616 "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

static void test_answers(void **state)
{
	static const struct {
		const char *challenge, *login, *uri, *cnonce, *response;
	} rows[] = {
		/* RFC 2617, section 3.5 */
		{ "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
		  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		  "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
		  "Mufasa:Circle Of Life", "/dir/index.html", "0a4f113b",
		  "6629fae49393a05397450978507c4ef1" },
		/* RFC 7616, section 3.9.1 */
		{ "Digest " RFC7616 "algorithm=MD5, " NONCE OPAQUE, "Mufasa:Circle of Life",
		  "/dir/index.html", CNONCE7616, "8ca523f5e9506fed4657c9700eebdbec" },
		{ "Digest " RFC7616 "algorithm=SHA-256, " NONCE OPAQUE, "Mufasa:Circle of Life",
		  "/dir/index.html", CNONCE7616,
		  "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" },
		/* RFC 2069, section 2.4, with the hash of its errata */
		{ "Digest realm=\"testrealm@host.com\", "
		  "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
		  "Mufasa:CircleOfLife", "/dir/index.html", "",
		  "1949323746fe6a43ef61f9606e7febea" },
	};

	(void)state;
	skip_without_hashes();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *wanted = str_format(", response=\"%s\"", rows[i].response);
		const struct http_digest_use use = { rows[i].login, "GET", rows[i].uri };
		struct http_digest c;
		auto_buf out = { 0 };
		struct err err;

		assert_int_equal(
			http_digest_parse(rows[i].challenge, strlen(rows[i].challenge), &c), 0);
		(void)snprintf(c.cnonce, sizeof(c.cnonce), "%s", rows[i].cnonce);
		assert_int_equal(http_digest_put(&out, &c, &use, &err), 0);
		if (!strstr(buf_text(&out), wanted))
			fail_msg("%s", buf_text(&out));
		assert_null(strstr(buf_text(&out), "ife"));
	}
}

static void test_whole_answer(void **state)
{
	const struct http_digest_use use = { "a\"b:c", "CONNECT", "h:80" };
	struct http_digest c = { .realm = "r\\",
				 .nonce = "n",
				 .has_opaque = true,
				 .has_quality = true,
				 .is_named = true,
				 .cnonce = "00ff" };
	auto_buf out = { 0 };
	struct err err;

	(void)state;
	skip_without_hashes();
	assert_int_equal(http_digest_put(&out, &c, &use, &err), 0);
	assert_string_equal(
		buf_text(&out),
		"Digest username=\"a\\\"b\", realm=\"r\\\\\", nonce=\"n\", uri=\"h:80\", "
		"algorithm=MD5, qop=auth, nc=00000001, cnonce=\"00ff\", "
		"response=\"9018bcc00439977afa00ec58d426dac6\", opaque=\"\"");
	assert_int_equal(http_digest_put(&out, &c,
					 &(struct http_digest_use){ "a\nb:c", "CONNECT", "h:80" },
					 &err),
			 -EILSEQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_whole_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
