/* SPDX-License-Identifier: MIT */
/* From a record to the bytes of its row, and where these go. */

#include "report/listing.h"
#include "base/str.h"
#include "report/csv.h"
#include "report/group.h"
#include "report/json.h"
#include "report/sort.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

enum { VALUE_ROOM = 1 << 16, ROW_ROOM = 1 << 16, ROW_ROOM_MAX = 1 << 28, FIELD_GAP = 2 };

static const char usual_csv[] =
	"netns,netid,state,recv_q,send_q,local_address,local_port,peer_address,peer_port,"
	"inode,user,pid,process,command,unit,container";

/* Memory for a text that may have to grow. */
struct room {
	char *data;
	size_t size;
};

struct listing {
	struct listing_options options;
	struct report *report;
	struct field_view view;
	struct field_list fields;
	struct field_list group_fields;
	const struct field *sort_field; /* NULL: rows are written as they come */
	const struct field *group_field;
	unsigned int needs;
	struct sort *sort;
	struct groups *groups;
	struct page page;
	struct room value, cell, row;
	size_t rows; /* written or kept so far */
};

static struct text text_in(const struct room *room)
{
	return (struct text){ room->data, room->data, room->data + room->size };
}

static void make_room(struct room *room, size_t size)
{
	room->size = size;
	room->data = mem_resize(room->data, size, 1);
}

/* Cells of CSV are the same whatever was asked for, but for those of peers; columns are those
 * that will be filled. */
static void usual_fields(const struct listing *listing, struct buf *ret)
{
	const struct listing_options *options = &listing->options;

	if (options->format == LISTING_CSV) {
		buf_put_text(ret, usual_csv);
	} else {
		buf_put_text(ret, options->all_netns ? "netns,netid,state," : "netid,state,");
		buf_put_text(ret, "recv_q,send_q,local,peer,user");
		if (listing->report->options.processes || options->peers)
			buf_put_text(ret, ",owners");
	}
	if (options->peers)
		buf_put_text(ret, ",peer_owners");
}

static bool is_json(const struct listing *listing)
{
	return listing->options.format == LISTING_JSON ||
	       listing->options.format == LISTING_JSON_LINES;
}

/* The fields of a row.  What was not named asks for nothing. */
static int choose_fields(struct listing *listing, struct err *err)
{
	const struct listing_options *options = &listing->options;
	const char *names = options->fields;
	auto_buf usual = { 0 };
	int r;

	if (options->fields && options->group_by)
		return err_set(err, -EINVAL, "--fields and --group-by exclude each other");
	if (!options->fields && is_json(listing)) {
		field_list_all(&listing->fields);
		return 0;
	}
	if (!names) {
		usual_fields(listing, &usual);
		names = buf_text(&usual);
	}
	r = field_list_parse(names, &listing->fields, err);
	if (r < 0)
		return r;
	if (options->fields)
		listing->needs |= listing->fields.needs;
	if (is_json(listing))
		field_list_order(&listing->fields);
	return 0;
}

static int choose_group(struct listing *listing, struct err *err)
{
	const char *name = listing->options.group_by;

	if (!name)
		return 0;
	if (str_equal(name, "peer"))
		name = "peer_address";
	listing->group_field = field_find(name, strlen(name), err);
	if (!listing->group_field)
		return -EINVAL;
	if (listing->group_field->shape == FIELD_OBJECTS)
		return err_set(err, -EINVAL, "%s are objects: nothing to group by", name);
	listing->needs |= listing->group_field->needs;
	listing->groups = groups_new();
	field_list_of(&field_group_table, &listing->group_fields);
	return 0;
}

static const struct field *find_group_field(const char *name, struct err *err)
{
	for (size_t i = 0; i < field_group_table.count; i++)
		if (str_equal(field_group_table.rows[i].name, name))
			return &field_group_table.rows[i];
	(void)err_set(err, -EINVAL, "groups are sorted by group, sockets, recv_q or send_q");
	return NULL;
}

/* Groups are always in order: the largest first, unless something else is said. */
static int choose_sort(struct listing *listing, struct err *err)
{
	const char *name = listing->options.sort;
	bool reversed = name && name[0] == '-';

	if (!name && !listing->group_field)
		return 0;
	if (listing->group_field) {
		listing->sort_field = find_group_field(name ? name + reversed : "sockets", err);
	} else {
		listing->sort_field = field_find(name + reversed, strlen(name + reversed), err);
	}
	if (!listing->sort_field)
		return -EINVAL;
	if (listing->sort_field->shape != FIELD_SINGLE)
		return err_set(err, -EINVAL, "%s is a list: nothing to sort by", name + reversed);
	listing->needs |= listing->sort_field->needs;
	listing->sort = sort_new(listing->options.top, reversed);
	return 0;
}

/* What a row consists of. */
static const struct field_list *row_fields(const struct listing *listing)
{
	return listing->group_field ? &listing->group_fields : &listing->fields;
}

static void put_headers(struct listing *listing)
{
	const struct field_list *fields = row_fields(listing);

	if (listing->report->options.no_header)
		return;
	page_begin_row(&listing->page);
	for (size_t i = 0; i < fields->count; i++) {
		struct text text = page_text(&listing->page);

		for (const char *c = fields->fields[i]->name; *c; c++)
			text_byte(&text, (char)toupper((unsigned char)*c));
		page_put(&listing->page, &text);
	}
	page_end_row(&listing->page);
}

static int begin_columns(struct listing *listing, struct err *err)
{
	const struct field_list *fields = row_fields(listing);
	struct page_column layout[PAGE_COLUMNS_MAX];

	if (fields->count > PAGE_COLUMNS_MAX)
		return err_set(err, -EINVAL, "columns are limited to %d fields; try --csv",
			       PAGE_COLUMNS_MAX);
	for (size_t i = 0; i < fields->count; i++)
		layout[i] = (struct page_column){
			.align = fields->fields[i]->type == FIELD_TEXT ||
						 fields->fields[i]->shape != FIELD_SINGLE
					 ? ALIGN_LEFT
					 : ALIGN_RIGHT,
			.gap = i ? FIELD_GAP : 0,
			.trailing = i + 1 == fields->count,
		};
	page_init(&listing->page, &listing->report->output, layout, fields->count, 0);
	put_headers(listing);
	return 0;
}

static int begin(struct listing *listing, struct err *err)
{
	struct text text = text_in(&listing->row);

	switch (listing->options.format) {
	case LISTING_COLUMNS:
		return begin_columns(listing, err);
	case LISTING_CSV:
		if (!listing->report->options.no_header)
			csv_header(row_fields(listing), &text);
		break;
	case LISTING_JSON:
		text_byte(&text, '[');
		break;
	case LISTING_JSON_LINES:
	case LISTING_NONE:
		break;
	}
	output_bytes(&listing->report->output, text.start, text_len(&text));
	return 0;
}

struct listing *listing_new(const struct listing_options *options,
			    const struct report_options *report, int fd, struct err *err)
{
	auto_listing listing = new_object(struct listing);

	listing->options = *options;
	listing->report = report_new(report, fd);
	listing->view.report = listing->report;
	make_room(&listing->value, VALUE_ROOM);
	make_room(&listing->cell, ROW_ROOM);
	make_room(&listing->row, ROW_ROOM);
	listing->view.text = text_in(&listing->value);
	if (choose_fields(listing, err) < 0 || choose_group(listing, err) < 0 ||
	    choose_sort(listing, err) < 0 || begin(listing, err) < 0)
		return NULL;
	return take_ptr(listing);
}

void listing_free(struct listing *listing)
{
	if (!listing)
		return;
	field_list_done(&listing->fields);
	field_list_done(&listing->group_fields);
	sort_free(listing->sort);
	groups_free(listing->groups);
	page_done(&listing->page);
	report_free(listing->report);
	free(listing->value.data);
	free(listing->cell.data);
	free(listing->row.data);
	free(listing);
}

void listing_cleanup(struct listing **listing)
{
	listing_free(*listing);
}

unsigned int listing_needs(const struct listing *listing)
{
	return listing->needs;
}

void listing_use(struct listing *listing, const struct report_options *report,
		 struct owner_book *book, const struct peers *peers)
{
	listing->report->options = *report;
	listing->view.book = book;
	listing->view.peers = peers;
}

void listing_enter(struct listing *listing, const char *netns)
{
	listing->view.netns = netns;
	names_forget_interfaces(&listing->report->names);
}

/* The row as bytes: an object, a line, or cells that end with a NUL. */
static void render(struct listing *listing, struct text *row)
{
	const struct field_list *fields = row_fields(listing);
	struct text cell = text_in(&listing->cell);

	if (is_json(listing)) {
		json_object(fields, &listing->view, row);
		return;
	}
	if (listing->options.format == LISTING_CSV) {
		csv_row(fields, &listing->view, &cell, row);
		return;
	}
	for (size_t i = 0; i < fields->count; i++) {
		if (!field_print(fields->fields[i], &listing->view, row))
			text_byte(row, '-');
		text_byte(row, '\0');
	}
}

/* A row of a socket with thousands of owners may need more room than there is. */
static struct text render_whole(struct listing *listing)
{
	struct text row = text_in(&listing->row);

	render(listing, &row);
	while (row.at == row.end && listing->row.size < ROW_ROOM_MAX) {
		make_room(&listing->row, listing->row.size * 2);
		make_room(&listing->cell, listing->row.size);
		row = text_in(&listing->row);
		render(listing, &row);
	}
	return row;
}

static void write_columns(struct listing *listing, const char *row, size_t len)
{
	const char *end = row + len;

	page_begin_row(&listing->page);
	while (row < end) {
		struct text text = page_text(&listing->page);
		size_t size = strnlen(row, (size_t)(end - row));

		text_bytes(&text, row, size);
		page_put(&listing->page, &text);
		row += size + 1;
	}
	page_end_row(&listing->page);
}

static void write_row(void *context, const char *row, size_t len)
{
	struct listing *listing = context;
	struct output *output = &listing->report->output;
	bool first = listing->rows++ == 0;

	switch (listing->options.format) {
	case LISTING_COLUMNS:
		write_columns(listing, row, len);
		break;
	case LISTING_JSON:
		output_bytes(output, first ? "\n" : ",\n", first ? 1 : 2);
		output_bytes(output, row, len);
		break;
	case LISTING_JSON_LINES:
		output_bytes(output, row, len);
		output_bytes(output, "\n", 1);
		break;
	case LISTING_CSV:
	case LISTING_NONE:
		output_bytes(output, row, len);
		break;
	}
}

static double number_of(const struct field_value *value)
{
	switch (value->type) {
	case FIELD_UNSIGNED:
		return (double)value->number;
	case FIELD_SIGNED:
		return (double)value->signed_number;
	case FIELD_REAL:
		return value->real;
	default:
		return value->truth;
	}
}

static void keep_row(struct listing *listing, const struct text *row)
{
	struct sort_key key = { .kind = SORT_UNKNOWN };
	struct field_value value;

	if (field_get(listing->sort_field, &listing->view, &value)) {
		key.kind = value.type == FIELD_TEXT ? SORT_TEXT : SORT_NUMBER;
		if (key.kind == SORT_TEXT) {
			key.text = value.text.data;
			key.len = value.text.len;
		} else {
			key.number = number_of(&value);
		}
	}
	sort_add(listing->sort, &key, row->start, text_len(row));
}

static void finish_row(struct listing *listing)
{
	struct text row = render_whole(listing);

	if (listing->sort)
		keep_row(listing, &row);
	else
		write_row(listing, row.start, text_len(&row));
}

static void count_row(struct listing *listing)
{
	struct text key = text_in(&listing->cell);

	(void)field_print(listing->group_field, &listing->view, &key);
	groups_add(listing->groups, key.start, text_len(&key), listing->view.record);
}

bool listing_is_full(const struct listing *listing)
{
	return listing->options.top && !listing->sort && listing->rows >= listing->options.top;
}

void listing_row(struct listing *listing, const struct sock_record *record)
{
	if (listing_is_full(listing))
		return;
	report_note(listing->report, record);
	listing->view.record = record;
	if (listing->groups)
		count_row(listing);
	else
		finish_row(listing);
}

static void finish_groups(struct listing *listing)
{
	listing->view.record = NULL;
	for (size_t i = 0; i < groups_count(listing->groups); i++) {
		listing->view.group = groups_get(listing->groups, i);
		finish_row(listing);
	}
}

int listing_end(struct listing *listing)
{
	struct output *output = &listing->report->output;

	if (listing->groups)
		finish_groups(listing);
	if (listing->sort)
		sort_take(listing->sort, write_row, listing);
	if (listing->options.format == LISTING_JSON)
		output_bytes(output, listing->rows ? "\n]\n" : "]\n", listing->rows ? 3 : 2);
	if (listing->options.format == LISTING_COLUMNS)
		page_write(&listing->page);
	return output_flush(output);
}

void listing_schema(const struct listing_options *options, struct buf *ret)
{
	auto_field_list list = { 0 };

	if (options->group_by) {
		field_list_of(&field_group_table, &list);
		json_schema(&list,
			    "one group, as ss --group-by --json-lines prints it; "
			    "ss --group-by --json prints an array of them",
			    ret);
	} else {
		field_list_everything(&list);
		json_schema(&list,
			    "one socket, as ss --json-lines prints it; "
			    "ss --json prints an array of them",
			    ret);
	}
}

void listing_help(struct buf *ret)
{
	auto_field_list list = { 0 };

	field_list_everything(&list);
	for (size_t i = 0; i < list.count; i++)
		buf_format(ret, "%-24s %-8s %s\n", list.fields[i]->name,
			   field_type_name(list.fields[i]), list.fields[i]->help);
}
