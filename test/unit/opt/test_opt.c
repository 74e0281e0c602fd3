/* SPDX-License-Identifier: MIT */
/* Lists of options: parsed against a small catalogue, applied phase by phase.
 * The actions write down that they ran. */

#include "opt/opt.h"

#include "base/buf.h"
#include "opt/action.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct buf diary;

static int note(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)err;
	buf_format(&diary, "%s=%lld@%d%s ", o->name, o->value.number[0], fd,
		   t->path ? t->path : "");
	return 0;
}

static int refuse(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	(void)fd;
	return err_set(err, -EPERM, "option \"%s\" refuses", o->name);
}

struct settings {
	int number;
	bool flag;
	int64_t time;
	const char *text;
};

#define STORE(names, type, store, member)                                                          \
	{ names, "help", GROUP_APPL, PHASE_OFFSET, SCOPE_SETTINGS, &value_##type,                  \
	  opt_store_##store, { .offset = offsetof(struct settings, member) } }

static const struct opt_type rows[] = {
	{ "fd-late alias", "help", GROUP_FD, PHASE_LATE, SCOPE_FD, &value_int, note },
	{ "fd-early", "help", GROUP_FD, PHASE_EARLY, SCOPE_FD, &value_int, note },
	{ "named", "help", GROUP_NAMED, PHASE_EARLY, SCOPE_FD, &value_int, note },
	{ "process", "help", GROUP_PROCESS, PHASE_LATE, SCOPE_PROCESS, &value_int, note },
	{ "child", "help", GROUP_FORK, PHASE_LATE, SCOPE_CHILD, &value_int, note },
	{ "bad", "help", GROUP_FD, PHASE_LATE, SCOPE_FD, &value_int, refuse },
	{ "taken", "help", GROUP_FD, PHASE_LATE, SCOPE_FD, &value_string, NULL },
	{ "missing", "help", GROUP_FD, PHASE_LATE, SCOPE_FD, &value_int, note, { .name = -1 } },
	{ "missing-bit", "help", GROUP_FD, PHASE_LATE, SCOPE_FD, &value_int, note, { .bit = -1 } },
};

static const struct opt_type more_rows[] = {
	{ "append", "help", GROUP_OPEN, PHASE_LATE, SCOPE_FD, &value_bool, opt_file_flag,
	  { .bit = O_APPEND } },
	{ "creat", "help", GROUP_OPEN, PHASE_LATE, SCOPE_FD, &value_bool, opt_file_flag,
	  { .bit = O_CREAT } },
	{ "wronly", "help", GROUP_OPEN, PHASE_LATE, SCOPE_FD, &value_bool, opt_file_flag,
	  { .bit = O_WRONLY, .mask = O_ACCMODE } },
	STORE("number", int, int, number),
	STORE("flag", bool, bool, flag),
	STORE("time", timeval, time, time),
	STORE("text", string, text, text),
	STORE("text-optional", string_optional, text, text),
	{ "mask", "help", GROUP_APPL, PHASE_OFFSET, SCOPE_SETTINGS, &value_const, opt_store_mask,
	  { .offset = offsetof(struct settings, number), .mask = 0x40 } },
};

static const struct opt_table table = { rows, ARRAY_SIZE(rows) };
static const struct opt_table more = { more_rows, ARRAY_SIZE(more_rows) };
static const struct opt_table *const catalogue[] = { &table, &more, NULL };

/* A parsed list and what it stands on. */
struct list {
	struct spec spec;
	struct opt_list list;
	struct opt_used used;
	struct settings settings;
	struct err err;
};

static int parse(struct list *l, const char *options, opt_groups groups)
{
	auto_buf text = { 0 };

	*l = (struct list){ .err = { .column = -1 } };
	buf_clear(&diary);
	buf_format(&text, "A,%s", options);
	assert_int_equal(spec_parse(buf_text(&text), &l->spec, &l->err), 0);
	return opt_parse(catalogue, &l->spec.single[0], groups, &l->settings, &l->list, &l->err);
}

static void done(struct list *l)
{
	opt_list_done(&l->list);
	spec_done(&l->spec);
}

static void test_find(void **state)
{
	(void)state;
	assert_ptr_equal(opt_find(catalogue, "fd-late"), &rows[0]);
	assert_ptr_equal(opt_find(catalogue, "ALIAS"), &rows[0]);
	assert_ptr_equal(opt_find(catalogue, "Append"), &more_rows[0]);
	assert_null(opt_find(catalogue, "fd"));
	assert_null(opt_find(catalogue, ""));
	assert_null(opt_find(catalogue, "fd-late alias"));
	assert_null(opt_find(catalogue, "missing")); /* the platform has not got it */
	assert_null(opt_find(catalogue, "missing-bit"));
}

static const struct {
	const char *options;
	opt_groups groups;
	int code, column, length;
	const char *text;
} bad[] = {
	{ "fd-lat", GROUP_FD, -EINVAL, 2, 6,
	  "unknown option \"fd-lat\"; did you mean \"fd-late\"?" },
	{ "fd-early=1,alais=2", GROUP_FD, -EINVAL, 13, 5,
	  "unknown option \"alais\"; did you mean \"alias\"?" },
	{ "apend", GROUP_OPEN, -EINVAL, 2, 5, "did you mean \"append\"?" },
	{ "apend", GROUP_FD, -EINVAL, 2, 5, "unknown option \"apend\"" }, /* not for this one */
	{ "xyzzy", ~(opt_groups)0, -EINVAL, 2, 5, "unknown option \"xyzzy\"" },
	{ "missing", GROUP_FD, -EINVAL, 2, 7, "unknown option \"missing\"" },
	{ "append", GROUP_FD, -EINVAL, 2, 6,
	  "option \"append\" not supported with this address type" },
	{ "taken", GROUP_FD, -EINVAL, 2, 5, "option \"taken\": value required" },
	{ "fd-late=x", GROUP_FD, -EINVAL, 10, 1, "missing numerical value" },
	{ "text=a,fd-late=1x", GROUP_FD, -EINVAL, 17, 2, "trailing garbage" },
	{ "mask=1", GROUP_FD, -EINVAL, 7, 1, "no value permitted" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct list l;

		print_message("%s\n", bad[i].options);
		assert_int_equal(parse(&l, bad[i].options, bad[i].groups), bad[i].code);
		assert_int_equal(l.err.column, bad[i].column);
		assert_int_equal(l.err.length, bad[i].length);
		assert_non_null(strstr(l.err.text, bad[i].text));
		assert_null(l.list.items);
		done(&l);
	}
}

/* No suggestion is better than a wild one, or one that would be refused. */
/* Nothing stays of what is wrong, and nothing is lost of what is right. */
static void test_what_can_be(void **state)
{
	struct list l;

	(void)state;
	assert_int_equal(parse(&l, "text=a,xyzzy,number=x,fd-late=1,text,number=7", GROUP_FD),
			 -EINVAL);
	opt_parse_what_can_be(catalogue, &l.spec.single[0], GROUP_FD, &l.settings, &l.list);
	assert_int_equal(l.list.n, 3);
	assert_string_equal(l.list.items[0].name, "text");
	assert_string_equal(l.list.items[1].name, "fd-late");
	assert_string_equal(l.list.items[2].name, "number");
	assert_string_equal(l.settings.text, "a");
	assert_int_equal(l.settings.number, 7);
	done(&l);
}

static void test_no_suggestion(void **state)
{
	struct list l;

	(void)state;
	(void)parse(&l, "xyzzy", ~(opt_groups)0);
	assert_null(strstr(l.err.text, "did you mean"));
	done(&l);
	(void)parse(&l, "apend", GROUP_FD);
	assert_null(strstr(l.err.text, "append"));
	done(&l);
}

static void test_groups(void **state)
{
	struct list l;

	(void)state;
	/* every address takes PROCESS and APPL; -g takes all */
	assert_int_equal(parse(&l, "process=1,number=2", GROUP_TCP), 0);
	done(&l);
	assert_int_equal(parse(&l, "append,fd-late", ~(opt_groups)0), 0);
	done(&l);
}

static void test_settings(void **state)
{
	struct list l;

	(void)state;
	assert_int_equal(parse(&l, "number=-3,flag,time=1.5,text=hello", 0), 0);
	assert_int_equal(l.settings.number, -3);
	assert_true(l.settings.flag);
	assert_int_equal(l.settings.time, 1500000);
	assert_string_equal(l.settings.text, "hello");
	done(&l);

	assert_int_equal(parse(&l, "number=1,number=2,flag,flag=0,mask,text-optional", 0), 0);
	assert_int_equal(l.settings.number, 0x40); /* the last one counts */
	assert_false(l.settings.flag);
	assert_string_equal(l.settings.text, "");
	done(&l);
}

static void apply(struct list *l, enum opt_phase phase, const struct opt_target *target,
		  const char *expected)
{
	buf_clear(&diary);
	assert_int_equal(opt_apply(&l->list, &l->used, phase, target, &l->err), 0);
	assert_string_equal(buf_text(&diary), expected);
}

static void test_phases(void **state)
{
	static const struct opt_target nothing = { .fd = { -1, -1 } };
	static const struct opt_target one = { .fd = { 7, -1 }, .n_fds = 1 };
	static const struct opt_target two = { .fd = { 7, 8 }, .n_fds = 2 };
	static const struct opt_target path = { .fd = { 7, -1 }, .n_fds = 1, .path = "/p" };
	struct list l;

	(void)state;
	assert_int_equal(parse(&l, "fd-late=1,process=2,ALIAS=3,fd-early=4,number=5", GROUP_FD),
			 0);
	apply(&l, PHASE_OPEN, &one, "");
	apply(&l, PHASE_OFFSET, &one, ""); /* stored while parsing */
	apply(&l, PHASE_EARLY, &path, "fd-early=4@7/p ");
	/* each descriptor, but the process once; in the order given, as typed */
	apply(&l, PHASE_LATE, &two, "fd-late=1@7 fd-late=1@8 process=2@7 ALIAS=3@7 ALIAS=3@8 ");
	apply(&l, PHASE_LATE, &two, ""); /* used up */
	opt_reuse(&l.list, &l.used, PHASE_LATE);
	apply(&l, PHASE_LATE, &nothing, "fd-late=1@-1 process=2@-1 ALIAS=3@-1 ");
	apply(&l, PHASE_EARLY, &path, "");
	done(&l);
}

static void test_only(void **state)
{
	static const struct opt_target only = { .fd = { -1, -1 }, .path = "/p",
						.only = GROUP_NAMED };
	static const struct opt_target all = { .fd = { 7, -1 }, .n_fds = 1 };
	struct list l;

	(void)state;
	assert_int_equal(parse(&l, "fd-early=1,named=2", GROUP_FD | GROUP_NAMED), 0);
	apply(&l, PHASE_EARLY, &only, "named=2@-1/p ");
	apply(&l, PHASE_EARLY, &all, "fd-early=1@7 ");
	done(&l);
}

static void test_failure(void **state)
{
	static const struct opt_target one = { .fd = { 7, -1 }, .n_fds = 1 };
	struct list l;

	(void)state;
	assert_int_equal(parse(&l, "fd-late=1,bad,fd-late=2", GROUP_FD), 0);
	assert_int_equal(opt_apply(&l.list, &l.used, PHASE_LATE, &one, &l.err), -EPERM);
	assert_string_equal(l.err.text, "option \"bad\" refuses");
	assert_string_equal(buf_text(&diary), "fd-late=1@7 ");
	apply(&l, PHASE_LATE, &one, "fd-late=2@7 "); /* -s goes on with the rest */
	done(&l);
}

static void test_scopes(void **state)
{
	struct list l;

	(void)state;
	assert_int_equal(parse(&l, "child=1,process=2,fd-late=3,child=4", GROUP_FD | GROUP_FORK),
			 0);
	assert_true(opt_has_scope(&l.list, SCOPE_PROCESS));
	assert_true(opt_has_scope(&l.list, SCOPE_CHILD));
	assert_false(opt_has_scope(&l.list, SCOPE_TAKEN));
	assert_int_equal(opt_apply_scope(&l.list, &l.used, SCOPE_CHILD, &l.err), 0);
	assert_string_equal(buf_text(&diary), "child=1@-1 child=4@-1 ");
	opt_use_scope(&l.list, &l.used, SCOPE_PROCESS);
	buf_clear(&diary);
	assert_int_equal(opt_apply_scope(&l.list, &l.used, SCOPE_PROCESS, &l.err), 0);
	assert_string_equal(buf_text(&diary), "");
	done(&l);
}

static void test_unused(void **state)
{
	static const struct opt_target one = { .fd = { 7, -1 }, .n_fds = 1 };
	const struct option *option;
	struct list l;
	size_t count;

	(void)state;
	assert_int_equal(parse(&l, "number=1,fd-late,taken=a,fd-early,taken=b", GROUP_FD), 0);
	option = opt_unused(&l.list, &l.used, &count);
	assert_string_equal(option->name, "fd-late"); /* what was stored is used */
	assert_int_equal(count, 4);
	apply(&l, PHASE_LATE, &one, "fd-late=1@7 "); /* no action: waits to be taken */
	option = opt_unused(&l.list, &l.used, &count);
	assert_string_equal(option->name, "taken");
	assert_int_equal(count, 3);

	option = opt_take(&l.list, &l.used, "taken");
	assert_string_equal(option->value.text, "b"); /* all are used, the last one counts */
	assert_null(opt_take(&l.list, &l.used, "append"));
	option = opt_unused(&l.list, &l.used, &count);
	assert_string_equal(option->name, "fd-early");
	assert_int_equal(count, 1);
	apply(&l, PHASE_EARLY, &one, "fd-early=1@7 ");
	assert_null(opt_unused(&l.list, &l.used, &count));
	assert_int_equal(count, 0);

	assert_string_equal(opt_get(&l.list, "taken")->value.text, "b");
	assert_true(opt_given(&l.list, "ALIAS")); /* by any of its names */
	assert_false(opt_given(&l.list, "append"));
	done(&l);
}

/* More options than bits in a word of the bitmap. */
static void test_many(void **state)
{
	static const struct opt_target one = { .fd = { 7, -1 }, .n_fds = 1 };
	auto_buf text = { 0 };
	struct list l;
	size_t count;

	(void)state;
	for (int i = 0; i < SPEC_OPTIONS_MAX; i++)
		buf_put_text(&text, i % 2 ? "fd-late," : "fd-early,");
	assert_int_equal(parse(&l, buf_text(&text), GROUP_FD), 0);
	assert_int_equal(l.list.n, SPEC_OPTIONS_MAX);
	assert_int_equal(opt_apply(&l.list, &l.used, PHASE_LATE, &one, &l.err), 0);
	assert_non_null(opt_unused(&l.list, &l.used, &count));
	assert_int_equal(count, SPEC_OPTIONS_MAX / 2);
	assert_int_equal(opt_apply(&l.list, &l.used, PHASE_EARLY, &one, &l.err), 0);
	assert_null(opt_unused(&l.list, &l.used, &count));
	done(&l);
}

static void test_collect_flags(void **state)
{
	static const struct {
		const char *options;
		long before, after;
	} cases[] = {
		{ "number=1", O_RDWR, O_RDWR },
		{ "append", O_RDWR, O_RDWR | O_APPEND },
		{ "append=0", O_RDWR | O_APPEND, O_RDWR },
		{ "append,append=0", O_RDWR, O_RDWR },
		{ "creat,append", O_RDONLY, O_CREAT | O_APPEND },
		{ "wronly", O_RDWR | O_APPEND, O_WRONLY | O_APPEND },
		{ "wronly,append", O_RDWR, O_WRONLY | O_APPEND },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct list l;
		size_t count;

		print_message("%s\n", cases[i].options);
		assert_int_equal(parse(&l, cases[i].options, GROUP_OPEN), 0);
		assert_int_equal(
			opt_collect_flags(&l.list, &l.used, opt_file_flag, cases[i].before),
			cases[i].after);
		assert_null(opt_unused(&l.list, &l.used, &count));
		done(&l);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(opt_group_name(0), "FD");
	assert_string_equal(opt_group_name(OPT_GROUPS - 1), "APPL");
	for (unsigned int i = 0; i < OPT_GROUPS; i++)
		assert_true(strlen(opt_group_name(i)) > 0);
	for (unsigned int i = 0; i < OPT_PHASES; i++)
		assert_true(strlen(opt_phase_name((enum opt_phase)i)) > 0);
}

static int close_diary(void **state)
{
	(void)state;
	buf_done(&diary);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_what_can_be),
		cmocka_unit_test(test_no_suggestion),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_only),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_unused),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_collect_flags),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, close_diary);
}
