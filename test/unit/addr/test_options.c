/* SPDX-License-Identifier: MIT */
/* Every row of every option table is complete, and what options store arrives in
 * the settings. */

#include "addr/addr.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const struct addr_context context = { .program = "socat", .env_prefix = "SOCAT_",
					     .block_size = 8192, .any_group = true };

static void check_row(const struct opt_type *row)
{
	const opt_groups all = ((opt_groups)1 << OPT_GROUPS) - 1;

	print_message("%s\n", row->names);
	assert_true(row->help && *row->help);
	assert_true(row->help[strlen(row->help) - 1] != '.');
	assert_true(row->groups != 0);
	assert_int_equal(row->groups & ~all, 0);
	assert_true(row->phase < OPT_PHASES);
	assert_true(row->scope <= SCOPE_PROCESS);
	assert_true(row->value && row->value->name && row->value->parse);
	assert_non_null(row->action);
	/* what is stored has its place; what changes the process is for all */
	if (row->scope == SCOPE_SETTINGS)
		assert_true(row->args.offset < sizeof(struct settings));
	if (row->scope == SCOPE_PROCESS)
		assert_true(row->groups & GROUP_PROCESS);
	if (row->scope == SCOPE_CHILD)
		assert_true(row->groups & (GROUP_FORK | GROUP_EXEC));
}

static void test_rows(void **state)
{
	(void)state;
	for (opt_catalogue t = addr_options; *t; t++)
		for (size_t i = 0; i < (*t)->n; i++)
			check_row(&(*t)->rows[i]);
}

/* A name of one row finds that row and no other: names are unique over all
 * tables, whatever their case. */
static void test_names(void **state)
{
	size_t len;

	(void)state;
	for (opt_catalogue t = addr_options; *t; t++) {
		for (size_t i = 0; i < (*t)->n; i++) {
			const struct opt_type *row = &(*t)->rows[i];

			if (!opt_exists(row))
				continue;
			for (const char *w = str_word(row->names, &len); w;
			     w = str_word(w + len, &len)) {
				auto_free char *name = str_copy_n(w, len);

				print_message("%s\n", name);
				assert_ptr_equal(opt_find(addr_options, name), row);
			}
		}
	}
}

/* Every row is taken by some address. */
static void test_reachable(void **state)
{
	(void)state;
	for (opt_catalogue t = addr_options; *t; t++) {
		for (size_t i = 0; i < (*t)->n; i++) {
			opt_groups taken = GROUP_PROCESS | GROUP_APPL;

			for (const struct addr_table *const *a = addr_tables; *a; a++)
				for (size_t k = 0; k < (*a)->n; k++)
					taken |= (*a)->rows[k].groups;
			print_message("%s\n", (*t)->rows[i].names);
			assert_true((*t)->rows[i].groups & taken);
		}
	}
}

/* Parses "-,options"; the settings. */
static const struct settings *parse(const char *options, struct address_pair *pair)
{
	auto_free char *text = str_format("-,%s", options);
	struct err err = { 0 };

	print_message("%s\n", options);
	assert_int_equal(address_parse(text, &context, pair, &err), 0);
	return &pair->part[0].settings;
}

#define CHECK(options, condition)                                                                  \
	do {                                                                                       \
		auto_address_pair pair = { 0 };                                                    \
		const struct settings *s = parse(options, &pair);                                  \
                                                                                                   \
		assert_true(condition);                                                            \
	} while (0)

static void test_flow(void **state)
{
	(void)state;
	CHECK("ignoreeof", s->ignoreeof);
	CHECK("ignoreeof=0", !s->ignoreeof);
	CHECK("cr", s->newline == NEWLINE_CR);
	CHECK("crnl", s->newline == NEWLINE_CRNL);
	CHECK("crlf,cr", s->newline == NEWLINE_CR);
	CHECK("readbytes=123456789012", s->readbytes == 123456789012);
	CHECK("escape=0x1d", s->escape == 0x1d);
	CHECK("lockfile=/l", str_equal(s->lockfile, "/l"));
	CHECK("waitlock=/l", str_equal(s->waitlock, "/l"));
	CHECK("chdir=/d", str_equal(s->chdir, "/d"));
	CHECK("umask=027", s->umask == 027);
	CHECK("shut-none", s->shut == SHUT_NONE);
	CHECK("shut-down", s->shut == SHUT_DOWN);
	CHECK("shut-close", s->shut == SHUT_CLOSE);
	CHECK("shut-null", s->shut == SHUT_NULL);
	CHECK("end-close", s->end_close);
	CHECK("cool-write", s->cool_write);
	CHECK("null-eof", s->null_eof);
	CHECK("unlink-close", s->unlink_close == 1);
	CHECK("unlink-close=0", s->unlink_close == 0);
}

static void test_sessions(void **state)
{
	(void)state;
	CHECK("forever", s->forever);
	CHECK("retry=7", s->retry == 7);
	CHECK("interval=0.25", s->interval == 250000);
	CHECK("fork", s->fork);
	CHECK("fork,max-children=3", s->max_children == 3);
	CHECK("children-shutup=2", s->children_shutup == 2);
	CHECK("children-shutup", s->children_shutup == 1);
	CHECK("backlog=128", s->backlog == 128);
	CHECK("accept-timeout=1.5", s->accept_timeout == 1500000);
	CHECK("range=192.0.2.0/24", s->allowed.family == AF_INET && s->allowed.len == 4);
	CHECK("range=[2001:db8::]/32", s->allowed.family == AF_INET6);
	CHECK("sourceport=65535", s->sourceport == 65535);
	CHECK("lowport", s->lowport);
}

static void test_sockets(void **state)
{
	(void)state;
	CHECK("bind=[::1]:80", str_equal(s->bind, "[::1]:80"));
	CHECK("pf=ip6", str_equal(s->family, "ip6"));
	CHECK("type=2", s->type == 2);
	CHECK("protocol=6", s->protocol == 6);
	CHECK("connect-timeout=3", s->connect_timeout == 3000000);
	CHECK("unix-tightsocklen=0", s->loose_length);
	CHECK("unix-tightsocklen", !s->loose_length);
	CHECK("bind-tempname", str_equal(s->bind_tempname, ""));
	CHECK("bind-tempname=/tmp/XXXXXX", str_equal(s->bind_tempname, "/tmp/XXXXXX"));
	CHECK("ai-all", s->ai_on != 0 && s->ai_off == 0);
	CHECK("ai-all=0", s->ai_on == 0 && s->ai_off != 0);
	CHECK("ai-all=0,ai-all", s->ai_on != 0 && s->ai_off == 0); /* the last one counts */
	CHECK("ai-all,ai-all=0", s->ai_on == 0 && s->ai_off != 0);
}

static void test_programs(void **state)
{
	(void)state;
	CHECK("fdin=3,fdout=4", s->fdin == 3 && s->fdout == 4);
	CHECK("pipes", s->pipes);
	CHECK("nofork", s->nofork);
	CHECK("stderr", s->stderr_too);
	CHECK("login", s->login);
	CHECK("path=/bin", str_equal(s->path, "/bin"));
	CHECK("shell=/bin/sh", str_equal(s->shell, "/bin/sh"));
	CHECK("sighup,sigint,sigquit", s->forward_hup && s->forward_int && s->forward_quit);
}

static void test_pty(void **state)
{
	(void)state;
	CHECK("ignoreeof", !s->pty && !s->openpty && !s->ptmx && !s->wait_slave && !s->link);
	CHECK("pty", s->pty);
	CHECK("openpty", s->openpty);
	CHECK("ptmx", s->ptmx);
	CHECK("wait-slave", s->wait_slave && s->pty_interval == 1000000);
	CHECK("pty-interval=.01", s->pty_interval == 10000);
	CHECK("sitout-eio=2.5", s->sitout_eio == 2500000);
	CHECK("link=/tmp/t", str_equal(s->link, "/tmp/t"));
}

static void test_unsound(void **state)
{
	static const struct {
		const char *text, *reason;
	} bad[] = {
		{ "-,max-children=2", "option \"max-children\" not allowed without option" },
		{ "-,fork,max-children=-1", "option \"max-children\": -1 is negative" },
		{ "-,lockfile=a,waitlock=b", "only one of options \"lockfile\" and" },
		{ "-,range=192.0.2.0", "mask is missing" },
		{ "-,range=192.0.2.0/33", "is not a number of bits 0..32" },
		{ "-,range=", "mask is missing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct address_pair pair = { 0 };
		struct err err = { 0 };

		print_message("%s\n", bad[i].text);
		assert_int_equal(address_parse(bad[i].text, &context, &pair, &err), -EINVAL);
		assert_non_null(strstr(err.text, bad[i].reason));
	}
}

/* A file and a link to it, in the place of an entry that was made a moment ago. */
struct trick {
	char folder[32];
	char *victim, *link;
};

static int make_trick(void **state)
{
	static struct trick trick;
	int fd;

	trick = (struct trick){ .folder = "/tmp/options-XXXXXX" };
	assert_non_null(mkdtemp(trick.folder));
	trick.victim = str_format("%s/victim", trick.folder);
	trick.link = str_format("%s/link", trick.folder);
	fd = open(trick.victim, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(symlink(trick.victim, trick.link), 0);
	*state = &trick;
	return 0;
}

static int remove_trick(void **state)
{
	struct trick *trick = *state;
	int r = unlink(trick->link) | unlink(trick->victim) | rmdir(trick->folder);

	free(trick->link);
	free(trick->victim);
	return r;
}

/* Owner and mode are for the entry we made; an old one may be a link. */
static void test_new_entries(void **state)
{
	static const char *const names[] = { "perm",  "perm-early",  "user", "user-early",
					     "group", "group-early" };
	const struct trick *trick = *state;
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		bool mode = names[i][0] == 'p';
		struct option o = { .type = opt_find(addr_options, names[i]), .name = names[i] };
		struct opt_target target = { .path = trick->link, .path_is_new = true };
		struct err err = { 0 };

		print_message("%s\n", names[i]);
		o.value.number[0] = mode ? 0640 : getuid() ? getuid() : 65534;
		assert_int_equal(o.type->action(&o, &target, -1, &err), mode ? -EOPNOTSUPP : 0);
		assert_int_equal(stat(trick->victim, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(st.st_uid, getuid());
		assert_int_equal(st.st_gid, getgid());

		if (!mode)
			continue;
		target.path_is_new = false;
		assert_int_equal(o.type->action(&o, &target, -1, &err), 0);
		assert_int_equal(stat(trick->victim, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
		assert_int_equal(chmod(trick->victim, 0600), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	 cmocka_unit_test(test_names),
		cmocka_unit_test(test_reachable), cmocka_unit_test(test_flow),
		cmocka_unit_test(test_sessions), cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_programs), cmocka_unit_test(test_pty),
		cmocka_unit_test(test_unsound),
		cmocka_unit_test_setup_teardown(test_new_entries, make_trick, remove_trick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
