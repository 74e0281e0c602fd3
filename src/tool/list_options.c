/* SPDX-License-Identifier: MIT */
/* --json, --fields and their like: a row per option. */

#include "base/num.h"
#include "base/str.h"
#include "tool/list.h"
#include "tool/tool.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct list_option {
	const char *name;
	const char *argument; /* NULL: it has none */
	const char *help;
	int (*take)(const char *tool, const struct list_option *self, const char *argument,
		    struct listing_options *ret);
	enum listing_format format;
	size_t offset;
};

static int set_format(const char *tool, const struct list_option *self, const char *argument,
		      struct listing_options *ret)
{
	(void)tool;
	(void)argument;
	ret->format = self->format;
	return LIST_GO_ON;
}

static int set_flag(const char *tool, const struct list_option *self, const char *argument,
		    struct listing_options *ret)
{
	(void)tool;
	(void)argument;
	*((bool *)((char *)ret + self->offset)) = true;
	return LIST_GO_ON;
}

static int set_text(const char *tool, const struct list_option *self, const char *argument,
		    struct listing_options *ret)
{
	const char **field = (const char **)((char *)ret + self->offset);

	(void)tool;
	*field = argument;
	return LIST_GO_ON;
}

static int set_fields(const char *tool, const struct list_option *self, const char *argument,
		      struct listing_options *ret)
{
	auto_buf help = { 0 };

	if (!str_equal(argument, "help"))
		return set_text(tool, self, argument, ret);
	listing_help(&help);
	fputs(buf_text(&help), stdout);
	return EXIT_DONE;
}

static int set_top(const char *tool, const struct list_option *self, const char *argument,
		   struct listing_options *ret)
{
	long long value;

	(void)self;
	if (num_parse_decimal(argument, 1, INT_MAX, &value) < 0) {
		fprintf(stderr, "%s: --top \"%s\": not a number from 1 to %d\n", tool, argument,
			INT_MAX);
		return EXIT_USAGE;
	}
	ret->top = (size_t)value;
	return LIST_GO_ON;
}

#define FORMAT(name_, format_, help_)                                                   \
	{                                                                               \
		.name = name_, .help = (help_), .take = set_format, .format = (format_) \
	}
#define FLAG(name_, member_, help_)                                 \
	{                                                           \
		.name = name_, .help = (help_), .take = set_flag,   \
		.offset = offsetof(struct listing_options, member_) \
	}
#define TEXT(name_, argument_, member_, take_, help_)                                   \
	{                                                                               \
		.name = name_, .argument = argument_, .help = (help_), .take = (take_), \
		.offset = offsetof(struct listing_options, member_)                     \
	}

static const struct list_option rows[] = {
	FORMAT("json", LISTING_JSON, "an array of objects; numbers are numbers"),
	FORMAT("json-lines", LISTING_JSON_LINES, "an object in each line"),
	FLAG("json-schema", schema, "the JSON Schema of these objects; with --group-by, of groups"),
	FORMAT("csv", LISTING_CSV, "comma-separated values with a line of names"),
	TEXT("fields", "A,B,C", fields, set_fields, "these fields only; \"help\" lists them"),
	TEXT("sort", "FIELD", sort, set_text,
	     "largest number first, texts from A; -FIELD reverses"),
	{ .name = "top", .argument = "N", .help = "the first N rows only", .take = set_top },
	TEXT("group-by", "FIELD", group_by, set_text,
	     "count sockets by process, user, unit, container, peer, state, ..."),
	FLAG("peers", peers, "who is at the other end of UNIX and local TCP connections"),
	FLAG("all-netns", all_netns, "sockets of all network namespaces of the host"),
};

void list_options_help(FILE *out)
{
	fputs("\nNot in iproute2:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%s%s%s", rows[i].name,
			       rows[i].argument ? "=" : "",
			       rows[i].argument ? rows[i].argument : "");
		fprintf(out, "       --%-16s  %s\n", name, rows[i].help);
	}
}

/* The row of a word, with the value after its = sign or NULL. */
static const struct list_option *find_row(const char *word, const char **ret_value)
{
	size_t len = strcspn(word, "=");

	if (!str_begins(word, "--"))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strlen(rows[i].name) != len - 2 || memcmp(rows[i].name, word + 2, len - 2) != 0)
			continue;
		*ret_value = word[len] ? word + len + 1 : NULL;
		return &rows[i];
	}
	return NULL;
}

static int take_option(const char *tool, const struct list_option *row, const char *value,
		       struct listing_options *ret)
{
	if (value && !row->argument) {
		fprintf(stderr, "%s: option '--%s' doesn't allow an argument\n", tool, row->name);
		return EXIT_USAGE;
	}
	if (!value && row->argument) {
		fprintf(stderr, "%s: option '--%s' requires an argument\n", tool, row->name);
		return EXIT_USAGE;
	}
	return row->take(tool, row, value, ret);
}

static int show_schema(const struct listing_options *options)
{
	auto_buf schema = { 0 };

	listing_schema(options, &schema);
	fputs(buf_text(&schema), stdout);
	return EXIT_DONE;
}

int list_options_take(const char *tool, int *argc, char **argv, struct listing_options *ret)
{
	int kept = 1, i = 1, status = LIST_GO_ON;

	for (; i < *argc && status == LIST_GO_ON && !str_equal(argv[i], "--"); i++) {
		const char *value = NULL;
		const struct list_option *row = find_row(argv[i], &value);

		if (!row) {
			argv[kept++] = argv[i];
			continue;
		}
		if (row->argument && !value && i + 1 < *argc)
			value = argv[++i];
		status = take_option(tool, row, value, ret);
	}
	while (i < *argc)
		argv[kept++] = argv[i++];
	*argc = kept;
	argv[kept] = NULL;
	return status == LIST_GO_ON && ret->schema ? show_schema(ret) : status;
}
