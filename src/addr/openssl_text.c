/* SPDX-License-Identifier: MIT */
/* Words of the OPENSSL options; see openssl_text.h. */

#include "addr/openssl_text.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool is_same(const char *name, size_t len, const char *host)
{
	return strlen(host) == len && strncasecmp(name, host, len) == 0;
}

bool openssl_name_matches(const char *pattern, size_t len, const char *host)
{
	const char *dot = strchr(host, '.');

	if (memchr(pattern, '\0', len) || !*host)
		return false;
	if (len < 3 || pattern[0] != '*' || pattern[1] != '.')
		return !memchr(pattern, '*', len) && is_same(pattern, len, host);
	pattern += 2;
	len -= 2;
	if (memchr(pattern, '*', len))
		return false;
	return is_same(pattern, len, host) || (dot && dot > host && is_same(pattern, len, dot + 1));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int parse_hex(const char *text, uint8_t ret[OPENSSL_PIN_SIZE])
{
	for (size_t i = 0; i < OPENSSL_PIN_SIZE; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* 43 digits are 258 bits, the last two of which are 0; one "=" fills up. */
static int parse_base64(const char *text, uint8_t ret[OPENSSL_PIN_SIZE])
{
	unsigned int bits = 0, n_bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < 43; i++) {
		int digit = base64_digit(text[i]);

		if (digit < 0)
			return -EINVAL;
		bits = bits << 6 | (unsigned int)digit;
		n_bits += 6;
		if (n_bits >= 8 && n < OPENSSL_PIN_SIZE) {
			n_bits -= 8;
			ret[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	return bits & 3 ? -EINVAL : 0;
}

static int parse_pin(const char *text, size_t len, uint8_t ret[OPENSSL_PIN_SIZE])
{
	static const char prefix[] = "sha256//";

	if (len >= sizeof(prefix) - 1 && str_begins(text, prefix)) {
		text += sizeof(prefix) - 1;
		len -= sizeof(prefix) - 1;
	}
	if (len == (size_t)2 * OPENSSL_PIN_SIZE)
		return parse_hex(text, ret);
	if (len == 44 && text[43] == '=')
		len--;
	return len == 43 ? parse_base64(text, ret) : -EINVAL;
}

int openssl_pins_parse(const char *text, struct openssl_pins *ret)
{
	static const char separators[] = "; \t";
	struct openssl_pins pins = { .n = 0 };

	for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
		size_t len = strcspn(text, separators);
		int r;

		if (pins.n == OPENSSL_PINS_MAX)
			return -E2BIG;
		r = parse_pin(text, len, pins.digest[pins.n++]);
		if (r < 0)
			return r;
		text += len;
	}
	if (!pins.n)
		return -EINVAL;
	*ret = pins;
	return 0;
}

int openssl_alpn_parse(const char *text, uint8_t ret[OPENSSL_ALPN_MAX])
{
	size_t at = 0;

	for (;;) {
		size_t len = strcspn(text, ":,");

		if (!len || len > UINT8_MAX || at + 1 + len > OPENSSL_ALPN_MAX)
			return -EINVAL;
		ret[at] = (uint8_t)len;
		memcpy(ret + at + 1, text, len);
		at += 1 + len;
		if (!text[len])
			return (int)at;
		text += len + 1;
	}
}

/* The numbers of the protocols: of TLS they grow, of DTLS they fall. */
int openssl_version_parse(const char *text)
{
	static const struct {
		const char *names;
		int number;
	} versions[] = {
		{ "SSL23 TLS DTLS", 0 },	{ "SSL2 SSLv2", 0x0002 },
		{ "SSL3 SSLv3", 0x0300 },	{ "TLS1 TLSv1 TLS1.0 TLSv1.0", 0x0301 },
		{ "TLS1.1 TLSv1.1", 0x0302 },	{ "TLS1.2 TLSv1.2", 0x0303 },
		{ "TLS1.3 TLSv1.3", 0x0304 },	{ "DTLS1 DTLSv1 DTLS1.0 DTLSv1.0", 0xfeff },
		{ "DTLS1.2 DTLSv1.2", 0xfefd },
	};

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		if (str_word_is(versions[i].names, text))
			return versions[i].number;
	return -1;
}
