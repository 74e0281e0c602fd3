/* SPDX-License-Identifier: MIT */
/* Cells and lines of CSV. */

#include "report/csv.h"

void csv_cell(const char *data, size_t len, struct text *text)
{
	bool quoted = false;

	for (size_t i = 0; i < len && !quoted; i++)
		quoted = strchr(",\"\r\n", data[i]) != NULL;
	if (!quoted) {
		text_bytes(text, data, len);
		return;
	}
	text_byte(text, '"');
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '"')
			text_byte(text, '"');
		text_byte(text, data[i]);
	}
	text_byte(text, '"');
}

void csv_header(const struct field_list *list, struct text *text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			text_byte(text, ',');
		text_put(text, list->fields[i]->name);
	}
	text_byte(text, '\n');
}

void csv_row(const struct field_list *list, struct field_view *view, struct text *scratch,
	     struct text *text)
{
	for (size_t i = 0; i < list->count; i++) {
		scratch->at = scratch->start;
		(void)field_print(list->fields[i], view, scratch);
		if (i)
			text_byte(text, ',');
		csv_cell(scratch->start, text_len(scratch), text);
	}
	text_byte(text, '\n');
}
