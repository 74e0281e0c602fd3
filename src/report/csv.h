/* SPDX-License-Identifier: MIT */
#pragma once

/* Rows as comma-separated values, RFC 4180 but for the ends of lines.  Pure. */

#include "report/field.h"

/* A cell: in quotes when it must be, and quotes doubled. */
void csv_cell(const char *data, size_t len, struct text *text);

/* The names, and the values; what is not known is an empty cell.  Both end with
 * a line feed.  `scratch` is where values are written first. */
void csv_header(const struct field_list *list, struct text *text);
void csv_row(const struct field_list *list, struct field_view *view, struct text *scratch,
	     struct text *text);
