/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Rows in order.  A row is kept as the bytes that will be written, beside its
 * key; when only the first N are wanted, never more than 2 N are kept.
 */

#include "base/base.h"

enum sort_kind { SORT_UNKNOWN, SORT_NUMBER, SORT_TEXT };

struct sort_key {
	enum sort_kind kind;
	double number;
	const char *text;
	size_t len;
};

struct sort;

typedef void sort_each(void *context, const char *row, size_t len);

/* Numbers with the largest first, texts from A to Z; reversed the other way
 * round.  Unknown keys come last, equal ones in the order in which they came.
 * top 0: keeps all. */
struct sort *sort_new(size_t top, bool reversed);
void sort_free(struct sort *sort);

/* Copies both. */
void sort_add(struct sort *sort, const struct sort_key *key, const char *row, size_t len);

/* Hands all rows over, in order; once. */
void sort_take(struct sort *sort, sort_each *each, void *context);
