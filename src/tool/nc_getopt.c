/* SPDX-License-Identifier: MIT */
/* getopt_long(3) from rows; see nc_getopt.h. */

#include "tool/nc_getopt.h"

#include "base/num.h"
#include "base/str.h"
#include "tool/nc_time.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 128, FIRST_NUMBER = NC_OPTION_LONG, HELP_COLUMN = 32 };

/* A table, made into what getopt_long(3) reads. */
struct reading {
	const struct nc_option *rows[ROWS_MAX]; /* by number */
	void *bases[ROWS_MAX];
	size_t n;
	struct option longs[ROWS_MAX + 1];
	size_t n_longs;
	char letters[2 * ROWS_MAX + 1];
};

/* The word is not copied. */
static void add_word(struct nc_words *words, const char *word)
{
	words->items = mem_resize(words->items, words->n + 1, sizeof(*words->items));
	words->items[words->n++] = word;
}

void nc_words_done(struct nc_words *words)
{
	free(words->items);
	*words = (struct nc_words){ 0 };
}

static void add_row(struct reading *r, const struct nc_option *row, void *base)
{
	size_t end = strlen(r->letters);

	if (r->n == ROWS_MAX)
		abort(); /* more rows than this program has */
	if (row->name)
		r->longs[r->n_longs++] =
			(struct option){ row->name, row->value ? required_argument : no_argument,
					 NULL, FIRST_NUMBER + (int)r->n };
	if (row->letter)
		r->letters[end++] = row->letter;
	if (row->letter && row->value)
		r->letters[end++] = ':';
	r->letters[end] = '\0';
	r->bases[r->n] = base;
	r->rows[r->n++] = row;
}

static bool find(const struct reading *r, int number, size_t *ret)
{
	if (number >= FIRST_NUMBER) {
		*ret = (size_t)(number - FIRST_NUMBER);
		return true;
	}
	for (size_t i = 0; i < r->n; i++) {
		if (r->rows[i]->letter == number) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* "-w" or "--wait": what messages call an option. */
static const char *noun(const struct nc_option *o, char *out, size_t size)
{
	if (o->noun)
		return o->noun;
	if (o->letter)
		(void)snprintf(out, size, "-%c", o->letter);
	else
		(void)snprintf(out, size, "--%s", o->name);
	return out;
}

static int store_time(const struct nc_option *o, const char *text, int64_t *field, struct err *err)
{
	char name[64];
	auto_free char *seconds = str_format("%ss", text);
	int r = nc_time_parse(text, field);

	if (r == -EDOM && o->kind == OPTION_SECONDS)
		r = nc_time_parse(seconds, field);
	if (r == -EDOM)
		return err_set(err, NC_GETOPT_INVALID, "%s \"%s\" has no unit: say %ss or %sms",
			       noun(o, name, sizeof(name)), text, text, text);
	if (r < 0)
		return err_set(err, NC_GETOPT_INVALID,
			       "Invalid %s \"%s\" (must be greater than 0 and less than %ds)",
			       noun(o, name, sizeof(name)), text, NC_TIME_MAX);
	return NC_GETOPT_DONE;
}

int nc_option_apply(const struct nc_option *o, void *base, const char *text, struct err *err)
{
	void *field = base ? (char *)base + o->offset : NULL; /* a table of requests has none */
	char name[64];

	switch (o->kind) {
	case OPTION_FLAG:
		++*(int *)field;
		return NC_GETOPT_DONE;
	case OPTION_SET:
		*(int *)field = (int)o->number;
		return NC_GETOPT_DONE;
	case OPTION_TEXT:
		*(const char **)field = text;
		return NC_GETOPT_DONE;
	case OPTION_NUMBER:
		if (num_parse_decimal(text, o->number, o->max, field) == 0)
			return NC_GETOPT_DONE;
		return err_set(err, NC_GETOPT_INVALID, "Invalid %s \"%s\"",
			       noun(o, name, sizeof(name)), text);
	case OPTION_TIME:
	case OPTION_SECONDS:
		return store_time(o, text, field, err);
	case OPTION_SIZE:
		if (nc_size_parse(text, field) == 0)
			return NC_GETOPT_DONE;
		return err_set(err, NC_GETOPT_INVALID,
			       "Invalid %s \"%s\" (a number of bytes, also with k, M or G)",
			       noun(o, name, sizeof(name)), text);
	case OPTION_LIST:
		add_word(field, text);
		return NC_GETOPT_DONE;
	case OPTION_REQUEST:
		return (int)o->number;
	case OPTION_REFUSED:
		return err_set(err, NC_GETOPT_INVALID, "%s", o->noun);
	}
	return NC_GETOPT_INVALID;
}

static void add_tables(struct reading *r, const struct nc_option_table *tables, size_t n)
{
	for (size_t t = 0; t < n; t++)
		for (size_t row = 0; row < tables[t].n; row++)
			add_row(r, &tables[t].rows[row], tables[t].base);
}

/* getopt_long(3) does not know the word; what may have been meant? */
static void suggest(const struct reading *r, const char *word, struct err *err)
{
	auto_free char *name = NULL;
	const char *nearest = NULL;
	unsigned int best = UINT_MAX;

	if (!str_begins(word, "--") || optopt)
		return; /* a letter, or a word that is known and lacks its value */
	name = str_copy_n(word + 2, strcspn(word + 2, "="));
	for (size_t i = 0; i < r->n; i++)
		if (r->rows[i]->name && str_is_nearer(name, r->rows[i]->name, &best))
			nearest = r->rows[i]->name;
	if (nearest)
		(void)err_set(err, -EINVAL, "did you mean --%s?", nearest);
}

int nc_getopt(int argc, char **argv, const struct nc_option_table *tables, size_t n,
	      struct err *err)
{
	struct reading r = { .n = 0 };
	int number, result;
	size_t i;

	add_tables(&r, tables, n);
	optind = 0; /* glibc: begin anew, also after another tool's getopt */
	while ((number = getopt_long(argc, argv, r.letters, r.longs, NULL)) != -1) {
		if (!find(&r, number, &i)) {
			suggest(&r, argv[optind - 1], err);
			return NC_GETOPT_UNKNOWN;
		}
		result = nc_option_apply(r.rows[i], r.bases[i], optarg, err);
		if (result != NC_GETOPT_DONE)
			return result;
	}
	return NC_GETOPT_DONE;
}

int nc_getopt_next(int argc, char **argv, const char *letters, const struct nc_option_table *tables,
		   size_t n, const struct nc_option **ret_row, void **ret_base, struct err *err)
{
	struct reading r = { .n = 0 };
	int number;

	add_tables(&r, tables, n);
	number = getopt_long(argc, argv, letters, r.longs, NULL);
	if (number == '?')
		suggest(&r, argv[optind - 1], err);
	if (number < FIRST_NUMBER)
		return number;
	if (r.rows[number - FIRST_NUMBER]->letter)
		return r.rows[number - FIRST_NUMBER]->letter;
	*ret_row = r.rows[number - FIRST_NUMBER];
	*ret_base = r.bases[number - FIRST_NUMBER];
	return NC_OPTION_LONG;
}

void nc_option_help(const struct nc_option *rows, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct nc_option *o = &rows[i];
		int column = fprintf(out, o->letter ? "  -%c" : "    ", o->letter);

		if (o->name)
			column += fprintf(out, "%s --%s", o->letter ? "," : " ", o->name);
		if (o->value)
			column += fprintf(out, " <%s>", o->value);
		fprintf(out, "%*s %s\n", MAX(HELP_COLUMN - column, 0), "", o->help);
	}
}
