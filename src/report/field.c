/* SPDX-License-Identifier: MIT */
/* Looking rows up, and reading them in the same way whoever asks. */

#include "report/field.h"
#include "base/str.h"
#include "report/field_rows.h"
#include "report/json.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

const struct field_table *const field_tables[] = {
	&field_socket_table,
	&field_owner_table,
	&field_inet_table,
	&field_tcp_table,
	&field_other_table,
	&field_link_table,
	NULL,
};

bool field_get(const struct field *field, struct field_view *view, struct field_value *ret)
{
	if (view->record && field->tables && !(field->tables & TABLE_BIT(view->record->table)))
		return false;
	view->text.at = view->text.start;
	ret->type = field->type;
	return field->get(field, view, ret);
}

void field_put_value(const struct field_value *value, struct text *text)
{
	switch (value->type) {
	case FIELD_TEXT:
		text_bytes(text, value->text.data, value->text.len);
		break;
	case FIELD_UNSIGNED:
		text_unsigned(text, value->number);
		break;
	case FIELD_SIGNED:
		text_signed(text, value->signed_number);
		break;
	case FIELD_REAL:
		text_format(text, "%.15g", value->real);
		break;
	case FIELD_BOOL:
		text_put(text, value->truth ? "true" : "false");
		break;
	case FIELD_TYPES:
		break;
	}
}

static bool print_list(const struct field *field, struct field_view *view, struct text *text)
{
	struct field_value value;

	for (view->item = 0; field_get(field, view, &value); view->item++) {
		if (view->item)
			text_byte(text, ' ');
		field_put_value(&value, text);
	}
	return view->item > 0;
}

bool field_print(const struct field *field, struct field_view *view, struct text *text)
{
	struct field_value value;

	if (field->shape == FIELD_OBJECTS)
		return json_value(field, view, text);
	if (field->shape == FIELD_LIST)
		return print_list(field, view, text);
	if (!field_get(field, view, &value))
		return false;
	field_put_value(&value, text);
	return true;
}

static bool is_named(const struct field *field, const char *name, size_t len)
{
	return strlen(field->name) == len && memcmp(field->name, name, len) == 0;
}

static const char *nearest_name(const char *name)
{
	unsigned int best = UINT_MAX;
	const char *nearest = NULL;

	for (size_t t = 0; field_tables[t]; t++)
		for (size_t i = 0; i < field_tables[t]->count; i++)
			if (str_is_nearer(name, field_tables[t]->rows[i].name, &best))
				nearest = field_tables[t]->rows[i].name;
	return nearest;
}

const struct field *field_find(const char *name, size_t len, struct err *err)
{
	enum { SHOWN_MAX = 128 };
	char shown[SHOWN_MAX];
	auto_free char *copy = NULL;
	const char *nearest;

	for (size_t t = 0; field_tables[t]; t++)
		for (size_t i = 0; i < field_tables[t]->count; i++)
			if (is_named(&field_tables[t]->rows[i], name, len))
				return &field_tables[t]->rows[i];

	copy = str_copy_n(name, len);
	nearest = nearest_name(copy);
	(void)err_set(err, -EINVAL, "unknown field \"%s\"",
		      str_escape(name, len, shown, sizeof(shown)));
	if (nearest)
		err_add(err, ", did you mean \"%s\"?", nearest);
	else
		err_add(err, ", try: --fields help");
	return NULL;
}

static void add(struct field_list *list, const struct field *field)
{
	list->fields = mem_resize(list->fields, list->count + 1, sizeof(*list->fields));
	list->fields[list->count++] = field;
	list->needs |= field->needs;
}

int field_list_parse(const char *names, struct field_list *ret, struct err *err)
{
	auto_field_list list = { 0 };
	size_t len;

	for (const char *name = names;; name += len + 1) {
		const struct field *field;

		len = strcspn(name, ",");
		field = field_find(name, len, err);
		if (!field)
			return -EINVAL;
		add(&list, field);
		if (!name[len])
			break;
	}
	*ret = list;
	list = (struct field_list){ 0 };
	return 0;
}

void field_list_everything(struct field_list *ret)
{
	*ret = (struct field_list){ 0 };
	for (size_t t = 0; field_tables[t]; t++)
		for (size_t i = 0; i < field_tables[t]->count; i++)
			add(ret, &field_tables[t]->rows[i]);
}

void field_list_all(struct field_list *ret)
{
	*ret = (struct field_list){ 0 };
	for (size_t t = 0; field_tables[t]; t++)
		for (size_t i = 0; i < field_tables[t]->count; i++)
			if (!field_tables[t]->rows[i].short_form)
				add(ret, &field_tables[t]->rows[i]);
}

void field_list_of(const struct field_table *table, struct field_list *ret)
{
	*ret = (struct field_list){ 0 };
	for (size_t i = 0; i < table->count; i++)
		add(ret, &table->rows[i]);
}

void field_list_done(struct field_list *list)
{
	free(list->fields);
	*list = (struct field_list){ 0 };
}

/* The place of a row among all rows. */
static size_t place_of(const struct field *field)
{
	size_t before = 0;

	for (size_t t = 0; field_tables[t]; t++) {
		for (size_t i = 0; i < field_tables[t]->count; i++)
			if (field == &field_tables[t]->rows[i])
				return before + i;
		before += field_tables[t]->count;
	}
	return before;
}

static int compare_places(const void *a, const void *b)
{
	size_t left = place_of(*(const struct field *const *)a);
	size_t right = place_of(*(const struct field *const *)b);

	return (left > right) - (left < right);
}

/* A field that was named twice must not be twice in an object. */
void field_list_order(struct field_list *list)
{
	size_t kept = 0;

	if (!list->count)
		return;
	qsort(list->fields, list->count, sizeof(*list->fields), compare_places);
	for (size_t i = 0; i < list->count; i++)
		if (!kept || list->fields[kept - 1] != list->fields[i])
			list->fields[kept++] = list->fields[i];
	list->count = kept;
}

const char *field_type_name(const struct field *field)
{
	static const char *const names[] = {
		[FIELD_TEXT] = "text",	 [FIELD_UNSIGNED] = "integer", [FIELD_SIGNED] = "integer",
		[FIELD_REAL] = "number", [FIELD_BOOL] = "boolean",
	};

	static_assert(ARRAY_SIZE(names) == FIELD_TYPES, "name every type");
	if (field->shape != FIELD_SINGLE)
		return field->shape == FIELD_LIST ? "list" : "objects";
	return names[field->type];
}

void field_put_name(const char *name, size_t len, struct text *text)
{
	const unsigned char *at = (const unsigned char *)name, *end = at + len;

	while (at < end) {
		size_t n = text_utf8(at, (size_t)(end - at));

		if (n == 0) {
			text_format(text, "\\x%02x", *at);
			n = 1;
		} else {
			if (*at == '\\')
				text_byte(text, '\\');
			text_bytes(text, at, n);
		}
		at += n;
	}
}

void field_put_unix_name(const struct sock_bytes *name, struct text *text)
{
	const char *data = name->data;

	if (!name->len)
		return;
	if (data[0] == '\0') {
		text_byte(text, '@');
		field_put_name(data + 1, name->len - 1, text);
	} else {
		field_put_name(data, strnlen(data, name->len), text);
	}
}

bool field_take_text(struct field_view *view, struct field_value *ret)
{
	ret->text = (struct sock_bytes){ view->text.start, text_len(&view->text) };
	return true;
}

bool field_take_name(struct field_view *view, const char *name, struct field_value *ret)
{
	if (!name || !name[0])
		return false;
	field_put_name(name, strlen(name), &view->text);
	return field_take_text(view, ret);
}

bool field_take_number(uint64_t number, struct field_value *ret)
{
	ret->number = number;
	return true;
}
