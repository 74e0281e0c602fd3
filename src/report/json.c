/* SPDX-License-Identifier: MIT */
/*
 * A small writer of JSON.  Dots in the names of fields become objects: the row
 * before tells which object is open.
 */

#include "report/json.h"

#include <math.h>

void json_string(const char *data, size_t len, struct text *text)
{
	text_byte(text, '"');
	while (len) {
		size_t plain = 0;

		while (plain < len && (unsigned char)data[plain] >= ' ' && data[plain] != '"' &&
		       data[plain] != '\\')
			plain++;
		text_bytes(text, data, plain);
		if (plain == len)
			break;
		if ((unsigned char)data[plain] < ' ') {
			text_format(text, "\\u%04x", (unsigned char)data[plain]);
		} else {
			text_byte(text, '\\');
			text_byte(text, data[plain]);
		}
		data += plain + 1;
		len -= plain + 1;
	}
	text_byte(text, '"');
}

static void put_scalar(const struct field_value *value, struct text *text)
{
	if (value->type == FIELD_TEXT)
		json_string(value->text.data, value->text.len, text);
	else if (value->type == FIELD_REAL && !isfinite(value->real))
		text_put(text, "null");
	else
		field_put_value(value, text);
}

/* The parts of one item.  They are written beside the item's own texts. */
static void put_parts(const struct field *field, struct field_view *view, struct text *text)
{
	const char *before = "{";
	struct field_value value;

	for (size_t i = 0; i < field->parts_count; i++) {
		if (!field_get(&field->parts[i], view, &value))
			continue;
		text_put(text, before);
		json_string(field->parts[i].name, strlen(field->parts[i].name), text);
		text_byte(text, ':');
		put_scalar(&value, text);
		before = ",";
	}
	text_put(text, *before == '{' ? "{}" : "}");
}

static bool put_array(const struct field *field, struct field_view *view, struct text *text)
{
	struct field_value value;

	for (view->item = 0; field_get(field, view, &value); view->item++) {
		text_byte(text, view->item ? ',' : '[');
		if (field->shape == FIELD_OBJECTS)
			put_parts(field, view, text);
		else
			put_scalar(&value, text);
	}
	if (view->item)
		text_byte(text, ']');
	return view->item > 0;
}

bool json_value(const struct field *field, struct field_view *view, struct text *text)
{
	struct field_value value;

	if (field->shape != FIELD_SINGLE)
		return put_array(field, view, text);
	if (!field_get(field, view, &value))
		return false;
	put_scalar(&value, text);
	return true;
}

/* The part of a name before its dot; 0: it has none. */
static size_t object_len(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? (size_t)(dot - name) : 0;
}

/* Where the next member goes: which object is open, and what is written before it. */
struct members {
	const char *open; /* the name of the row that opened it, or NULL */
	bool first;
};

static void put_comma(struct members *members, struct text *text)
{
	if (!members->first)
		text_byte(text, ',');
	members->first = false;
}

static void close_object(struct members *members, struct text *text)
{
	if (members->open)
		text_byte(text, '}');
	members->open = NULL;
}

static void begin_member(struct members *members, const char *name, struct text *text)
{
	size_t len = object_len(name);

	if (members->open &&
	    (object_len(members->open) != len || memcmp(members->open, name, len) != 0))
		close_object(members, text);
	put_comma(members, text);
	if (len && !members->open) {
		json_string(name, len, text);
		text_put(text, ":{");
		members->open = name;
	}
	name += len + (len > 0);
	json_string(name, strlen(name), text);
	text_byte(text, ':');
}

/* Most fields of most sockets are not known: that is asked before anything is written. */
void json_object(const struct field_list *list, struct field_view *view, struct text *text)
{
	struct members members = { .first = true };
	struct field_value value;

	text_byte(text, '{');
	for (size_t i = 0; i < list->count; i++) {
		const struct field *field = list->fields[i];

		view->item = 0;
		if (!field_get(field, view, &value))
			continue;
		begin_member(&members, field->name, text);
		if (field->shape == FIELD_SINGLE)
			put_scalar(&value, text);
		else
			(void)put_array(field, view, text);
	}
	close_object(&members, text);
	text_byte(text, '}');
}

static const char *type_of(enum field_type type)
{
	static const char *const names[] = {
		[FIELD_TEXT] = "string", [FIELD_UNSIGNED] = "integer", [FIELD_SIGNED] = "integer",
		[FIELD_REAL] = "number", [FIELD_BOOL] = "boolean",
	};

	return names[type];
}

static void put_schema_string(const char *string, struct buf *buf)
{
	char space[512];
	struct text text = { .start = space, .at = space, .end = space + sizeof(space) };

	json_string(string, strlen(string), &text);
	buf_put(buf, space, text_len(&text));
}

static void put_schema_of(const struct field *field, struct buf *buf);

static void put_schema_parts(const struct field *field, struct buf *buf)
{
	buf_put_text(buf, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	for (size_t i = 0; i < field->parts_count; i++) {
		if (i)
			buf_put_byte(buf, ',');
		put_schema_string(field->parts[i].name, buf);
		buf_put_byte(buf, ':');
		put_schema_of(&field->parts[i], buf);
	}
	buf_put_text(buf, "}}");
}

static void put_schema_of(const struct field *field, struct buf *buf)
{
	buf_put_text(buf, "{\"description\":");
	put_schema_string(field->help, buf);
	buf_put_text(buf, ",\"type\":");
	if (field->shape == FIELD_SINGLE) {
		put_schema_string(type_of(field->type), buf);
		if (field->type == FIELD_UNSIGNED)
			buf_put_text(buf, ",\"minimum\":0");
	} else {
		buf_put_text(buf, "\"array\",\"items\":");
		if (field->shape == FIELD_OBJECTS)
			put_schema_parts(field, buf);
		else
			buf_format(buf, "{\"type\":\"%s\"}", type_of(field->type));
	}
	buf_put_byte(buf, '}');
}

/* One property per line, so that a change of the tables is seen in the file's diff. */
static void put_schema_property(const struct field *field, const char **open, const char *separator,
				struct buf *buf)
{
	size_t len = object_len(field->name);
	const char *name = field->name + len + (len > 0);

	if (*open && (object_len(*open) != len || memcmp(*open, field->name, len) != 0)) {
		buf_put_text(buf, "\n\t\t}}");
		*open = NULL;
	}
	if (len && !*open) {
		buf_format(buf,
			   "%s\n\t\t\"%.*s\":{\"type\":\"object\",\"additionalProperties\":false,"
			   "\"properties\":{",
			   separator, (int)len, field->name);
		separator = "";
		*open = field->name;
	}
	buf_format(buf, "%s\n\t\t%s", separator, len ? "\t" : "");
	put_schema_string(name, buf);
	buf_put_byte(buf, ':');
	put_schema_of(field, buf);
}

void json_schema(const struct field_list *list, const char *title, struct buf *ret)
{
	const char *open = NULL;

	buf_put_text(ret, "{\n\t\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
			  "\t\"title\":");
	put_schema_string(title, ret);
	buf_put_text(ret, ",\n\t\"type\":\"object\",\n\t\"additionalProperties\":false,\n"
			  "\t\"properties\":{");
	for (size_t i = 0; i < list->count; i++)
		put_schema_property(list->fields[i], &open, i ? "," : "", ret);
	buf_put_text(ret, open ? "\n\t\t}}\n\t}\n}\n" : "\n\t}\n}\n");
}
