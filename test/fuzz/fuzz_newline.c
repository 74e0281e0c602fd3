/* SPDX-License-Identifier: MIT */
/* Line ends: the same as byte by byte in the simplest way.  The first byte of
 * the input chooses the pair of ends. */

#include "base/buf.h"
#include "relay/newline.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void convert_byte(enum newline from, enum newline to, char c, struct buf *out)
{
	if (from == NEWLINE_CRNL && c == '\r')
		return;
	if (from == NEWLINE_CR && c == '\r')
		c = '\n';
	if (to == NEWLINE_CR && c == '\n')
		c = '\r';
	if (to == NEWLINE_CRNL && c == '\n')
		buf_put_byte(out, '\r');
	buf_put_byte(out, c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *converted = NULL;
	auto_buf expected = { 0 };
	enum newline from, to;
	size_t len;

	if (size < 1)
		return 0;
	from = (enum newline)(data[0] % 3);
	to = (enum newline)(data[0] / 3 % 3);
	data++;
	size--;

	converted = mem_new(2, size + 1);
	memcpy(converted, data, size);
	len = newline_convert(from, to, converted, size);
	for (size_t i = 0; i < size; i++) {
		if (from == to)
			buf_put_byte(&expected, (char)data[i]);
		else
			convert_byte(from, to, (char)data[i], &expected);
	}
	if (len > 2 * size || len != expected.len ||
	    memcmp(converted, buf_text(&expected), len) != 0)
		abort();
	return 0;
}
