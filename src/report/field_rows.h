/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside report/: the tables of fields, one per file, and what their getters share. */

#include "report/field.h"

extern const struct field_table field_socket_table;
extern const struct field_table field_owner_table;
extern const struct field_table field_inet_table;
extern const struct field_table field_tcp_table;
extern const struct field_table field_other_table;
extern const struct field_table field_link_table;

/* The getter of rows that name a number in the structure `info` of a record: unknown
 * when 0, as in the text. */
field_getter field_get_info;

/* The name of a choice; one without a name is "unknown(7)". */
bool field_take_choice(const char *const *names, size_t count, uint64_t number,
		       struct field_view *view, struct field_value *ret);
