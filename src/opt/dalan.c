/* SPDX-License-Identifier: MIT */
/* The data language; see dalan.h. */

#include "opt/dalan.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const char *text;
	size_t at;
	uint8_t *out;
	size_t size, len;
	char type; /* of numbers without a letter */
	struct err *err;
};

static int wrong(const struct reader *r, const char *what)
{
	return err_set(r->err, -EINVAL, "syntax error in \"%s\": %s at position %zu", r->text, what,
		       r->at + 1);
}

static int put(struct reader *r, const void *data, size_t len)
{
	if (len > r->size - r->len)
		return err_set(r->err, -E2BIG, "data \"%s\" is longer than %zu bytes", r->text,
			       r->size);
	memcpy(r->out + r->len, data, len);
	r->len += len;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_hex(struct reader *r)
{
	while (hex_digit(r->text[r->at]) >= 0) {
		int high = hex_digit(r->text[r->at]), low = hex_digit(r->text[r->at + 1]);
		uint8_t byte = (uint8_t)(high * 16 + low);
		int e;

		if (low < 0)
			return wrong(r, "odd number of hexadecimal digits");
		e = put(r, &byte, 1);
		if (e < 0)
			return e;
		r->at += 2;
	}
	return 0;
}

static int read_character(struct reader *r, char *ret)
{
	static const char letters[] = "nrtfbae0", controls[] = "\n\r\t\f\b\a\033\0";
	char c = r->text[r->at];
	const char *found;

	if (!c || (c == '\\' && !r->text[r->at + 1]))
		return wrong(r, "unterminated string");
	r->at++;
	if (c == '\\') {
		c = r->text[r->at++];
		found = strchr(letters, c);
		c = found ? controls[found - letters] : c;
	}
	*ret = c;
	return 0;
}

static int read_string(struct reader *r)
{
	while (r->text[r->at] != '"') {
		char c;
		int e;

		e = read_character(r, &c);
		if (e == 0)
			e = put(r, &c, 1);
		if (e < 0)
			return e;
	}
	r->at++;
	return 0;
}

static int read_single(struct reader *r)
{
	char c;
	int e;

	e = read_character(r, &c);
	if (e < 0)
		return e;
	if (r->text[r->at] != '\'')
		return wrong(r, "unterminated character");
	r->at++;
	return put(r, &c, 1);
}

/* Stores the low bytes of the number in host order, as wide as its type. */
static int put_number(struct reader *r, long long value)
{
	long l = (long)value;
	int i = (int)value;
	short s = (short)value;
	uint8_t b = (uint8_t)value;

	switch (r->type) {
	case 'l':
	case 'L':
		return put(r, &l, sizeof(l));
	case 's':
	case 'S':
		return put(r, &s, sizeof(s));
	case 'b':
	case 'B':
		return put(r, &b, sizeof(b));
	default:
		return put(r, &i, sizeof(i));
	}
}

static bool number_fits(char type, long long value)
{
	switch (type) {
	case 's':
		return value >= SHRT_MIN && value <= SHRT_MAX;
	case 'S':
		return value >= 0 && value <= USHRT_MAX;
	case 'b':
		return value >= SCHAR_MIN && value <= UCHAR_MAX;
	case 'B':
		return value >= 0 && value <= UCHAR_MAX;
	case 'i':
		return value >= INT_MIN && value <= UINT_MAX;
	case 'I':
		return value >= 0 && value <= UINT_MAX;
	default:
		return true;
	}
}

static int read_number(struct reader *r)
{
	const char *from = r->text + r->at;
	long long value;
	char *end;

	errno = 0;
	value = r->type == 'L' ? (long long)strtoull(from, &end, 10) : strtoll(from, &end, 10);
	if (end == from)
		return wrong(r, "number expected");
	if (errno || !number_fits(r->type, value) || (r->type == 'L' && *from == '-'))
		return wrong(r, "number out of range");
	r->at += (size_t)(end - from);
	return put_number(r, value);
}

static int read_item(struct reader *r)
{
	char c = r->text[r->at];

	if (isspace((unsigned char)c)) {
		r->at++;
		return 0;
	}
	if (isdigit((unsigned char)c) || c == '-')
		return read_number(r);
	r->at++;
	switch (c) {
	case 'x':
		return read_hex(r);
	case '"':
		return read_string(r);
	case '\'':
		return read_single(r);
	case 'i':
	case 'I':
	case 'l':
	case 'L':
	case 's':
	case 'S':
	case 'b':
	case 'B':
		r->type = c;
		return read_number(r);
	default:
		r->at--;
		return wrong(r, "unknown type letter");
	}
}

int dalan_parse(const char *text, void *out, size_t size, size_t *ret_len, struct err *err)
{
	struct reader r = { .text = text, .out = out, .size = size, .type = 'i', .err = err };
	int e = 0;

	while (e == 0 && text[r.at])
		e = read_item(&r);
	if (e == 0)
		*ret_len = r.len;
	return e;
}
