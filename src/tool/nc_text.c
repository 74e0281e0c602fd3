/* SPDX-License-Identifier: MIT */
/* Line ends and telnet refusals; see nc_text.h. */

#include "tool/nc_text.h"

#include <string.h>

/* RFC 854: the bytes of an option negotiation. */
enum { WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };

size_t nc_text_crlf(bool *after_cr, const uint8_t *data, size_t len, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n' && !*after_cr)
			out[n++] = '\r';
		out[n++] = data[i];
		*after_cr = data[i] == '\r';
	}
	return n;
}

size_t nc_text_line(const uint8_t *data, size_t len)
{
	const uint8_t *end = memchr(data, '\n', len);

	return end ? (size_t)(end - data) + 1 : len;
}

static enum nc_telnet after_iac(uint8_t byte)
{
	if (byte == WILL || byte == WONT)
		return TELNET_OFFER;
	if (byte == DO || byte == DONT)
		return TELNET_REQUEST;
	return TELNET_DATA;
}

size_t nc_text_telnet(enum nc_telnet *state, const uint8_t *data, size_t len, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (*state == TELNET_DATA) {
			*state = data[i] == IAC ? TELNET_COMMAND : TELNET_DATA;
		} else if (*state == TELNET_COMMAND) {
			*state = after_iac(data[i]);
		} else {
			out[n++] = IAC;
			out[n++] = *state == TELNET_OFFER ? DONT : WONT;
			out[n++] = data[i];
			*state = TELNET_DATA;
		}
	}
	return n;
}
