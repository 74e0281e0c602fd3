/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What there is to say of a socket, as one table: a row per fact with its name,
 * type, help and getter.  JSON, CSV, columns, sorting, grouping, the help of
 * --fields and the JSON Schema are all made from these rows.
 *
 *	sock_record --field_get()--> field_value --json.c, csv.c--> text
 *
 * Names are stable.  A dot in a name makes an object in JSON ("tcp.rtt_ms" is
 * {"tcp":{"rtt_ms":...}}); rows with the same beginning stand together.
 */

#include "diag/owner_facts.h"
#include "diag/peer.h"
#include "diag/storage.h"
#include "report/column.h"
#include "report/report.h"
#include "report/text.h"

enum field_type { FIELD_TEXT, FIELD_UNSIGNED, FIELD_SIGNED, FIELD_REAL, FIELD_BOOL, FIELD_TYPES };

enum field_shape {
	FIELD_SINGLE,
	FIELD_LIST,    /* the getter is asked for item 0, 1, ... until it knows no more */
	FIELD_OBJECTS, /* the same; each item is an object of `parts` */
};

/* What must be done before the getter has something to say. */
enum field_need {
	NEED_MEMORY = WANT_MEMORY,
	NEED_FILE = WANT_FILE,
	NEED_INFO = WANT_INFO,
	NEED_TOS = WANT_TOS,
	NEED_OWNERS = 1 << 16,
	NEED_PEERS = 1 << 17,
	NEED_MAPS = 1 << 18,
};

/* What --group-by counts of the sockets that share a value. */
struct field_group {
	const char *key;
	size_t len;
	uint64_t sockets, receive_queue, send_queue;
};

/* What a getter looks at. */
struct field_view {
	struct report *report;	   /* names, options, owners */
	struct owner_book *book;   /* NULL: nobody asked for owners */
	const struct peers *peers; /* NULL: nobody asked for peers */
	const char *netns;	   /* NULL: only one namespace is listed */
	const struct sock_record *record;
	const struct field_group *group; /* rows of --group-by only */
	struct owner owner;		 /* of the item whose parts are asked for */
	struct sock_storage storage;	 /* the same of what BPF programs keep */
	size_t item;
	struct text text; /* where texts are written */
};

struct field_value {
	enum field_type type;
	union {
		struct sock_bytes text;
		uint64_t number;
		int64_t signed_number;
		double real;
		bool truth;
	};
};

struct field;
typedef bool field_getter(const struct field *self, struct field_view *view,
			  struct field_value *ret);

struct field {
	const char *name;
	const char *help;
	enum field_type type;
	enum field_shape shape;
	bool short_form;    /* says again what others say: only when it is named */
	diag_tables tables; /* whose sockets may have it; 0: all */
	unsigned int needs; /* enum field_need */
	field_getter *get;
	size_t offset, size; /* for getters that read a structure */
	double unit;	     /* ... and divide what they find */
	const struct field *parts;
	size_t parts_count;
};

struct field_table {
	const struct field *rows;
	size_t count;
};

/* All tables of sockets, up to a NULL; and the one of groups. */
extern const struct field_table *const field_tables[];
extern const struct field_table field_group_table;

/* false: nothing is known.  A text stays valid until the next call. */
bool field_get(const struct field *field, struct field_view *view, struct field_value *ret);

/* One value as plain text. */
void field_put_value(const struct field_value *value, struct text *text);

/* The value as plain text, as columns, CSV and group keys show it; lists are
 * joined with blanks.  false: nothing is known. */
bool field_print(const struct field *field, struct field_view *view, struct text *text);

/* A set of rows, in the order in which they were named. */
struct field_list {
	const struct field **fields;
	size_t count;
	unsigned int needs;
};

#define auto_field_list __attribute__((__cleanup__(field_list_done))) struct field_list

/* Of a comma-separated list of names.  "" and unknown names are errors. */
int field_list_parse(const char *names, struct field_list *ret, struct err *err);

/* Of every row that says something of its own; of every row; of one table. */
void field_list_all(struct field_list *ret);
void field_list_everything(struct field_list *ret);
void field_list_of(const struct field_table *table, struct field_list *ret);
void field_list_done(struct field_list *list);

/* In the order of the tables, as objects in JSON want them. */
void field_list_order(struct field_list *list);

/* The row of a name; NULL and a sentence with a hint when there is none. */
const struct field *field_find(const char *name, size_t len, struct err *err);

/* The name of a type as help and manual show it. */
const char *field_type_name(const struct field *field);

/* A name that somebody else chose, harmless and reversible: control bytes and what
 * is no UTF-8 become \xNN, a backslash becomes two. */
void field_put_name(const char *name, size_t len, struct text *text);

/* The same of a UNIX socket; the NUL before an abstract name becomes @. */
void field_put_unix_name(const struct sock_bytes *name, struct text *text);

/* For getters: the value is what was written to view->text. */
bool field_take_text(struct field_view *view, struct field_value *ret);
bool field_take_name(struct field_view *view, const char *name, struct field_value *ret);
bool field_take_number(uint64_t number, struct field_value *ret);
