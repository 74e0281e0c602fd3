/* SPDX-License-Identifier: MIT */
/* nc -C and nc -t on bytes, cut at every place. */

#include "tool/nc_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_crlf(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "", "" },
		{ "a", "a" },
		{ "a\nb", "a\r\nb" },
		{ "a\r\nb", "a\r\nb" },
		{ "\n\n", "\r\n\r\n" },
		{ "\r", "\r" },
		{ "\r\r\n\n", "\r\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint8_t *in = (const uint8_t *)rows[i].in;
		size_t len = strlen(rows[i].in);

		for (size_t cut = 0; cut <= len; cut++) {
			bool after_cr = false;
			uint8_t out[32];
			size_t n = nc_text_crlf(&after_cr, in, cut, out);

			n += nc_text_crlf(&after_cr, in + cut, len - cut, out + n);
			assert_int_equal(n, strlen(rows[i].out));
			assert_memory_equal(out, rows[i].out, n);
		}
	}
}

static void test_line(void **state)
{
	(void)state;
	assert_int_equal(nc_text_line((const uint8_t *)"ab\ncd", 5), 3);
	assert_int_equal(nc_text_line((const uint8_t *)"\n", 1), 1);
	assert_int_equal(nc_text_line((const uint8_t *)"abc", 3), 3);
	assert_int_equal(nc_text_line((const uint8_t *)"abc", 0), 0);
}

static void test_telnet(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain", "" },
		{ "\377\373\001", "\377\376\001" }, /* WILL: DONT */
		{ "\377\374\001", "\377\376\001" }, /* WONT: DONT */
		{ "\377\375\003", "\377\374\003" }, /* DO: WONT */
		{ "\377\376\003", "\377\374\003" }, /* DONT: WONT */
		{ "a\377\373\001b\377\375\003c", "\377\376\001\377\374\003" },
		{ "\377\377\373\001", "" },	    /* a doubled 255 is data */
		{ "\377\361x", "" },		    /* NOP */
		{ "\377\373\377", "\377\376\377" }, /* option 255 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint8_t *in = (const uint8_t *)rows[i].in;
		size_t len = strlen(rows[i].in);

		for (size_t cut = 0; cut <= len; cut++) {
			enum nc_telnet telnet = TELNET_DATA;
			uint8_t out[32];
			size_t n = nc_text_telnet(&telnet, in, cut, out);

			n += nc_text_telnet(&telnet, in + cut, len - cut, out + n);
			assert_int_equal(n, strlen(rows[i].out));
			assert_memory_equal(out, rows[i].out, n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crlf),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_telnet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
