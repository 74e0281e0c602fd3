/* SPDX-License-Identifier: MIT */
#pragma once

/* What nc does to bytes on their way: -C and -t.  Pure. */

#include "base/base.h"

/* -C: every LF that follows no CR becomes CR LF.  *after_cr is the memory
 * between two calls, false at first.  out has room for 2 * len bytes; returns
 * how many were written. */
size_t nc_text_crlf(bool *after_cr, const uint8_t *data, size_t len, uint8_t *out);

/* -C and -i: the length of the first line with its LF, or all of it. */
size_t nc_text_line(const uint8_t *data, size_t len);

/* -t: how far into a telnet command the bytes received so far have come. */
enum nc_telnet { TELNET_DATA, TELNET_COMMAND, TELNET_OFFER, TELNET_REQUEST };

/* Every telnet negotiation is refused: WILL and WONT with DONT, DO and DONT
 * with WONT.  *state is the memory between two calls, TELNET_DATA at first.
 * out has room for len + 2 bytes; returns how many were written. */
size_t nc_text_telnet(enum nc_telnet *state, const uint8_t *data, size_t len, uint8_t *out);
