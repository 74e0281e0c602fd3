/* SPDX-License-Identifier: MIT */
#pragma once

/* Line ends between two addresses that differ in them.  Pure. */

#include "addr/settings.h"

/* Converts len bytes in place; data has room for twice as much.  Inwards CR
 * becomes LF (NEWLINE_CR) or disappears (NEWLINE_CRNL), outwards LF becomes CR
 * or CR LF.  Equal ends: nothing is touched.  Returns the new length. */
size_t newline_convert(enum newline from, enum newline to, char *data, size_t len);
