/* SPDX-License-Identifier: MIT */
/* Sorting at the end, and whenever twice as much as is wanted has gathered. */

#include "report/sort.h"

#include <stdlib.h>
#include <string.h>

struct row {
	struct sort_key key; /* its text lies before the row's bytes */
	size_t place;
	bool reversed;
	char *bytes;
	size_t len;
};

struct sort {
	struct row *rows;
	size_t used, room, top, places;
	bool reversed;
};

struct sort *sort_new(size_t top, bool reversed)
{
	struct sort *sort = new_object(struct sort);

	sort->top = top;
	sort->reversed = reversed;
	return sort;
}

static void drop(struct sort *sort, size_t from)
{
	for (size_t i = from; i < sort->used; i++)
		free(sort->rows[i].bytes);
	sort->used = MIN(sort->used, from);
}

void sort_free(struct sort *sort)
{
	if (!sort)
		return;
	drop(sort, 0);
	free(sort->rows);
	free(sort);
}

static int compare_texts(const struct sort_key *left, const struct sort_key *right)
{
	size_t common = MIN(left->len, right->len);
	int r = common ? memcmp(left->text, right->text, common) : 0;

	return r ? r : (left->len > right->len) - (left->len < right->len);
}

static int compare_keys(const struct sort_key *left, const struct sort_key *right)
{
	if (left->kind == SORT_TEXT)
		return compare_texts(left, right);
	return (left->number < right->number) - (left->number > right->number);
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *left = a, *right = b;
	int r = 0;

	if (left->key.kind != right->key.kind)
		return left->key.kind == SORT_UNKNOWN ? 1 : -1;
	if (left->key.kind != SORT_UNKNOWN)
		r = compare_keys(&left->key, &right->key);
	if (r)
		return left->reversed ? -r : r;
	return (left->place > right->place) - (left->place < right->place);
}

static void order(struct sort *sort)
{
	if (sort->used)
		qsort(sort->rows, sort->used, sizeof(*sort->rows), compare_rows);
	if (sort->top)
		drop(sort, sort->top);
}

void sort_add(struct sort *sort, const struct sort_key *key, const char *row, size_t len)
{
	enum { ROOM_AT_FIRST = 64 };
	struct row *kept;

	if (sort->top && sort->used >= sort->top * 2)
		order(sort);
	if (sort->used == sort->room) {
		sort->room = sort->room ? sort->room * 2 : ROOM_AT_FIRST;
		sort->rows = mem_resize(sort->rows, sort->room, sizeof(*sort->rows));
	}
	kept = &sort->rows[sort->used++];
	*kept = (struct row){
		.key = *key,
		.place = sort->places++,
		.reversed = sort->reversed,
		.bytes = mem_new(1, key->len + len + 1),
		.len = len,
	};
	if (key->len)
		memcpy(kept->bytes, key->text, key->len);
	memcpy(kept->bytes + key->len, row, len);
	kept->key.text = kept->bytes;
}

void sort_take(struct sort *sort, sort_each *each, void *context)
{
	order(sort);
	for (size_t i = 0; i < sort->used; i++)
		each(context, sort->rows[i].bytes + sort->rows[i].key.len, sort->rows[i].len);
	drop(sort, 0);
}
