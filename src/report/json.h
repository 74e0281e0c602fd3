/* SPDX-License-Identifier: MIT */
#pragma once

/* Rows as JSON, and the schema that describes them.  Everything is written into a
 * text; pure. */

#include "base/buf.h"
#include "report/field.h"

/* A string with its quotes: quotes, backslashes and control bytes are escaped. */
void json_string(const char *data, size_t len, struct text *text);

/* The value of a field; false and nothing written when nothing is known. */
bool json_value(const struct field *field, struct field_view *view, struct text *text);

/* The known fields as one object; the list is in the order of the tables. */
void json_object(const struct field_list *list, struct field_view *view, struct text *text);

/* The JSON Schema of an object of these fields. */
void json_schema(const struct field_list *list, const char *title, struct buf *ret);
