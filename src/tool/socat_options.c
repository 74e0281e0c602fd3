/* SPDX-License-Identifier: MIT */
/*
 * Options of socat's command line, as rows.
 *
 * Classic does not merge letters ("-uv" is an error), takes arguments attached
 * or as the next word, and counts the d of -d.  What begins with "-" alone, "-,"
 * "-:" or "-!!" is the address STDIO.
 */

#include "tool/socat_options.h"

#include "base/num.h"
#include "base/str.h"
#include "tool/socat_help.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct row;

/* value: the argument, or for -d and -h what follows the letter. */
typedef int option_function(struct socat *socat, const struct row *row, const char *value,
			    struct err *err);

enum takes { TAKES_NOTHING, TAKES_VALUE, TAKES_REST, TAKES_NUMBER };

struct row {
	const char *name; /* with its dashes */
	enum takes takes;
	const char *value_name; /* for the help */
	const char *help;
	option_function *function;
	size_t offset; /* in struct socat: where it is stored */
	int number;    /* what is stored */
};

static int set_flag(struct socat *socat, const struct row *row, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	*(bool *)((char *)socat + row->offset) = true;
	return 0;
}

static int set_text(struct socat *socat, const struct row *row, const char *value, struct err *err)
{
	(void)err;
	*(const char **)((char *)socat + row->offset) = value;
	return 0;
}

static int wrong_number(const char *option, const char *value, int r, struct err *err)
{
	if (r == -E2BIG)
		return err_set(err, -EINVAL,
			       "trailing garbage in numerical arg of option \"%s\": %s", option,
			       value);
	if (r == -ERANGE)
		return err_set(err, -EINVAL, "option %s: value %s is out of range", option, value);
	return err_set(err, -EINVAL, "missing numerical value of option \"%s\": %s", option, value);
}

/* -d, -dd ...: one step up from Error each; -d0 ... -d4: that level. */
static int set_verbosity(struct socat *socat, const struct row *row, const char *value,
			 struct err *err)
{
	long long level;
	int r;

	if (value[strspn(value, "d")] == '\0') {
		if (socat->log.level == LEVEL_WARN && !socat->log.level_given)
			socat->log.level = LEVEL_ERROR;
		socat->log.level += 1 + (int)strlen(value);
	} else {
		r = num_parse_decimal(value, -LEVEL_DEBUG, LEVEL_DEBUG, &level);
		if (r < 0)
			return wrong_number(row->name, value, r, err);
		socat->log.level = LEVEL_ERROR + (int)level;
	}
	socat->log.level_given = true;
	return 0;
}

/* -ly and -lm: the row says which flag; a wrong facility is told on stderr. */
static int set_syslog(struct socat *socat, const struct row *row, const char *value,
		      struct err *err)
{
	if (*value)
		socat->log.facility = socat_log_facility(value);
	if (socat->log.facility < 0)
		return err_set(err, -EINVAL, "unknown syslog facility \"%s\"", value);
	return set_flag(socat, row, value, err);
}

static int set_time(struct socat *socat, const struct row *row, const char *value, struct err *err)
{
	int r = num_parse_seconds(value, (int64_t *)((char *)socat + row->offset));

	return r < 0 ? wrong_number(row->name, value, r, err) : 0;
}

static int set_direction(struct socat *socat, const struct row *row, const char *value,
			 struct err *err)
{
	enum addr_direction left = (enum addr_direction)row->number;

	(void)value;
	if (socat->relay.left != DIR_BOTH && socat->relay.left != left)
		return err_set(err, -EINVAL, "-U and -u must not be combined");
	socat->relay.left = left;
	return 0;
}

static int set_lock(struct socat *socat, const struct row *row, const char *value, struct err *err)
{
	if (socat->lockfile)
		return err_set(err, -EINVAL, "only one -L and -W option allowed");
	socat->lockfile = value;
	socat->wait_for_lock = row->number;
	return 0;
}

static int set_family(struct socat *socat, const struct row *row, const char *value,
		      struct err *err)
{
	(void)value;
	(void)err;
	socat->relay.address.prefer_family = row->number;
	socat->relay.address.listen_family = row->number;
	return 0;
}

static int set_log_file(struct socat *socat, const struct row *row, const char *value,
			struct err *err)
{
	FILE *file = fopen(value, "ae");

	(void)row;
	if (!file)
		return err_set(err, -EINVAL, "cannot open log file \"%s\": %s", value,
			       err_reason(-errno));
	socat->log.file = file;
	return 0;
}

static int set_log_stderr(struct socat *socat, const struct row *row, const char *value,
			  struct err *err)
{
	(void)row;
	(void)value;
	(void)err;
	socat->log.file = stderr;
	socat->log.syslog = socat->log.syslog_later = false;
	return 0;
}

static int set_block_size(struct socat *socat, const struct row *row, const char *value,
			  struct err *err)
{
	long long size;
	int r = num_parse_c(value, 1, LLONG_MAX, &size);

	if (r == -ERANGE && value[0] != '-' && strspn(value, "0") != strlen(value))
		size = LLONG_MAX;
	else if (r < 0)
		return wrong_number(row->name, value, r, err);
	if (size == LLONG_MAX || (size_t)size > SSIZE_MAX / 4)
		return err_set(err, -EINVAL, "buffer size option (-b) to big - %s (max is %zd)",
			       value, SSIZE_MAX / 4);
	socat->relay.address.block_size = (size_t)size;
	socat->relay.bulk_size = 0; /* what was asked for, everywhere */
	return 0;
}

static int set_signals(struct socat *socat, const struct row *row, const char *value,
		       struct err *err)
{
	long long mask;
	int r = num_parse_c(value, 0, LLONG_MAX, &mask);

	if (r < 0)
		return wrong_number(row->name, value, r, err);
	socat->signals = (uint64_t)mask;
	return 0;
}

/* What follows the letter: further h or ?; three are enough. */
static int set_help(struct socat *socat, const struct row *row, const char *value, struct err *err)
{
	(void)row;
	(void)err;
	socat->help = MIN(1 + (int)strspn(value, "h?"), SOCAT_HELP_ALIASES);
	return 0;
}

/* Longer names stand before their beginnings. */
static const struct row rows[] = {
	{ "--experimental", TAKES_NOTHING, NULL, "say nothing about experimental features",
	  set_flag, offsetof(struct socat, relay.address.experimental) },
	{ "--statistics", TAKES_NOTHING, NULL, "print how much was transferred at the end",
	  set_flag, offsetof(struct socat, relay.statistics) },
	{ "-V", TAKES_NOTHING, NULL, "print version and features", set_flag,
	  offsetof(struct socat, version) },
	{ "-h", TAKES_REST, NULL,
	  "print options and addresses; -hh: with their options; -hhh: all names", set_help },
	{ "-?", TAKES_REST, NULL, "the same as -h", set_help },
	{ "-ly", TAKES_REST, "[facility]", "log to syslog (facility: daemon)", set_syslog,
	  offsetof(struct socat, log.syslog) },
	{ "-lm", TAKES_REST, "[facility]", "log to stderr while starting, then to syslog",
	  set_syslog, offsetof(struct socat, log.syslog_later) },
	{ "-lf", TAKES_VALUE, " <logfile>", "log to a file", set_log_file },
	{ "-ls", TAKES_NOTHING, NULL, "log to stderr (default)", set_log_stderr },
	{ "-lp", TAKES_VALUE, " <progname>", "name in log lines and environment variables",
	  set_text, offsetof(struct socat, log.program) },
	{ "-lu", TAKES_NOTHING, NULL, "log microseconds", set_flag,
	  offsetof(struct socat, log.microseconds) },
	{ "-lh", TAKES_NOTHING, NULL, "log the host name", set_flag,
	  offsetof(struct socat, log.hostname) },
	{ "-D", TAKES_NOTHING, NULL, "describe the descriptors before the transfer", set_flag,
	  offsetof(struct socat, describe) },
	{ "-d", TAKES_NUMBER, NULL,
	  "be more talkative; -dd: notices, -ddd: info, -dddd: debug; -d0 ... -d4: that level",
	  set_verbosity },
	{ "-v", TAKES_NOTHING, NULL, "copy the data to stderr as text", set_flag,
	  offsetof(struct socat, relay.dump_text) },
	{ "-x", TAKES_NOTHING, NULL, "copy the data to stderr in hexadecimal", set_flag,
	  offsetof(struct socat, relay.dump_hex) },
	{ "-r", TAKES_VALUE, " <file>", "append a raw copy of the data from left to right",
	  set_text, offsetof(struct socat, relay.raw_left) },
	{ "-R", TAKES_VALUE, " <file>", "append a raw copy of the data from right to left",
	  set_text, offsetof(struct socat, relay.raw_right) },
	{ "-b", TAKES_VALUE, " <size>", "bytes of one read or write (8192)", set_block_size },
	{ "-s", TAKES_NOTHING, NULL, "go on after errors where that is possible", set_flag,
	  offsetof(struct socat, relay.address.sloppy) },
	{ "-S", TAKES_VALUE, " <sigmask>", "signals that are caught and logged (bit = number)",
	  set_signals },
	{ "-t", TAKES_VALUE, " <seconds>", "wait so long for the second end after the first (0.5)",
	  set_time, offsetof(struct socat, relay.closing_wait) },
	{ "-T", TAKES_VALUE, " <seconds>", "end after so long without data", set_time,
	  offsetof(struct socat, relay.idle_limit) },
	{ "-u", TAKES_NOTHING, NULL, "only from left to right", set_direction, .number = DIR_READ },
	{ "-U", TAKES_NOTHING, NULL, "only from right to left", set_direction,
	  .number = DIR_WRITE },
	{ "-g", TAKES_NOTHING, NULL, "take any option with any address", set_flag,
	  offsetof(struct socat, relay.address.any_group) },
	{ "-L", TAKES_VALUE, " <lockfile>", "make this lock file or fail", set_lock,
	  .number = false },
	{ "-W", TAKES_VALUE, " <lockfile>", "make this lock file, waiting for it", set_lock,
	  .number = true },
	{ "-4", TAKES_NOTHING, NULL, "prefer IPv4 where no version is given (default)", set_family,
	  .number = AF_INET },
	{ "-6", TAKES_NOTHING, NULL, "prefer IPv6 where no version is given", set_family,
	  .number = AF_INET6 },
	{ "-0", TAKES_NOTHING, NULL, "prefer no IP version", set_family, .number = AF_UNSPEC },
};

void socat_print_option_help(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		printf("      %s%s\t%s\n", rows[i].name,
		       rows[i].value_name ? rows[i].value_name : "", rows[i].help);
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] && word[1] != ',' && word[1] != ':' &&
	       !str_begins(word, "-!!");
}

static int no_merging(const char *word, struct err *err)
{
	int r = err_set(err, -EINVAL, "Do not merge single character options, i.e. use \"");

	for (const char *at = word + 1; *at; at++)
		err_add(err, "%s-%c", at == word + 1 ? "" : " ", *at);
	err_add(err, "\" instead of \"%s\"", word);
	return r;
}

/* Does the word name this row?  Then *ret_rest is what follows the name. */
static bool matches(const struct row *row, const char *word, const char **ret_rest)
{
	if (!str_begins(word, row->name))
		return false;
	*ret_rest = word + strlen(row->name);
	return row->takes != TAKES_NUMBER || !**ret_rest || strspn(*ret_rest, "d") > 0 ||
	       strspn(*ret_rest, "-0123456789") > 0;
}

static int parse_one(struct socat *socat, char **argv, int *index, struct err *err)
{
	const char *word = argv[*index], *rest = "";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if (!matches(row, word, &rest))
			continue;
		if (row->takes == TAKES_NOTHING && *rest)
			return word[1] == '-' ? err_set(err, -EINVAL,
							"unknown option \"%s\"; use "
							"option \"-h\" for help",
							word)
					      : no_merging(word, err);
		if (row->takes == TAKES_VALUE && !*rest) {
			rest = argv[*index + 1];
			if (!rest)
				return err_set(err, -EINVAL,
					       "option %s requires an argument; use "
					       "option \"-h\" for help",
					       row->name);
			(*index)++;
		}
		return row->function(socat, row, rest, err);
	}
	return err_set(err, -EINVAL, "unknown option \"%s\"; use option \"-h\" for help", word);
}

int socat_parse_options(struct socat *socat, int argc, char **argv, int *ret_next, struct err *err)
{
	int i;

	for (i = 1; i < argc && is_option(argv[i]); i++) {
		int r = parse_one(socat, argv, &i, err);

		if (r < 0)
			return r;
		if (socat->help || socat->version)
			break;
	}
	*ret_next = i;
	return 0;
}
