/* SPDX-License-Identifier: MIT */
/* Units, containers, start times and namespaces: the parsers, and processes made up in a
 * folder. */

#include "base/str.h"
#include "diag/namespace.h"
#include "diag/owner_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void groups_tell_unit_and_container(void **state)
{
	static const struct {
		const char *text, *unit, *container;
	} rows[] = {
		{ "0::/system.slice/nginx.service\n", "nginx.service", "" },
		{ "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope\n",
		  "app-x.scope", "" },
		{ "0::/system.slice/docker-" ID ".scope\n", "docker-" ID ".scope", ID },
		{ "12:pids:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n", "", ID },
		{ "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope\n",
		  "cri-containerd-" ID ".scope", ID },
		{ "0::/kubepods/besteffort/pod77/" ID "\n", "", ID },
		{ "0::/lxc.payload.web/system.slice/cron.service\n", "cron.service", "web" },
		{ "4:memory:/lxc/web\n", "", "web" },
		{ "0::/machine.slice/systemd-nspawn@deb.service/payload\n",
		  "systemd-nspawn@deb.service", "deb" },
		{ "0::/machine.slice/machine-vm1.scope\n", "machine-vm1.scope", "vm1" },
		{ "9:name=systemd:/system.slice/ssh.service\n8:pids:/other.service\n",
		  "ssh.service", "" },
		{ "8:pids:/other.service\n", "", "" },
		{ "0::/" ID "0\n", "", "" },
		{ "0::/a/../b.service", "b.service", "" },
		{ "0::/.service\n0::/system.slice\n0::\n0:\n0\n\n", "", "" },
		{ "", "", "" },
	};
	struct owner_group group;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(&group, 'x', sizeof(group));
		owner_parse_group(rows[i].text, strlen(rows[i].text), &group);
		assert_string_equal(group.unit, rows[i].unit);
		assert_string_equal(group.container, rows[i].container);
	}
}

static void starts_are_the_22nd_word(void **state)
{
	static const char stat[] =
		"7 (a b) c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9";
	uint64_t ticks = 0;

	(void)state;
	assert_true(owner_parse_start(stat, sizeof(stat) - 1, &ticks));
	assert_int_equal(ticks, 4711);
	assert_false(owner_parse_start("7 (a S 1 2", 10, &ticks));
	assert_false(owner_parse_start("7 (a) S 1 2", 11, &ticks));
	assert_false(owner_parse_start("", 0, &ticks));
	assert_int_equal(ticks, 4711);
}

static void links_of_namespaces_have_a_number(void **state)
{
	uint64_t inode = 0;

	(void)state;
	assert_true(namespace_parse_link("net:[4026531840]", 16, &inode));
	assert_int_equal(inode, 4026531840);
	assert_false(namespace_parse_link("net:[]", 6, &inode));
	assert_false(namespace_parse_link("pid:[4026531836]", 16, &inode));
	assert_false(namespace_parse_link("net:[12", 7, &inode));
	assert_false(namespace_parse_link("", 0, &inode));
}

static void make(const char *root, const char *name, const char *text)
{
	auto_free char *path = str_format("%s/%s", root, name);
	FILE *file;

	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The folder is made by a file beside the link. */
static void link_to(const char *root, const char *folder, const char *target)
{
	auto_free char *file = str_format("%s/file", folder);
	auto_free char *path = str_format("%s/%s/net", root, folder);

	make(root, file, "");
	assert_int_equal(symlink(target, path), 0);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path);
}

static void facts_come_from_the_files(void **state)
{
	char root[] = "/tmp/test-facts-XXXXXX";
	const struct owner_facts *facts;
	struct owner_book *book;

	(void)state;
	assert_non_null(mkdtemp(root));
	make(root, "stat", "cpu 1\nbtime 1000\n");
	make(root, "7/stat", "7 (x) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 9");
	make(root, "7/cmdline", "nginx: worker   ");
	make(root, "7/cgroup", "0::/system.slice/nginx.service\n");
	book = owner_book_new(root);
	facts = owner_book_find(book, 7);
	assert_int_equal(facts->command_len, strlen("nginx: worker"));
	assert_memory_equal(facts->command, "nginx: worker", facts->command_len);
	assert_string_equal(facts->group.unit, "nginx.service");
	assert_true(facts->uid_known);
	assert_int_equal(facts->uid, geteuid());
	assert_int_equal(facts->started, 1000 + 500 / sysconf(_SC_CLK_TCK));

	/* One that is gone, and so many that the table grows. */
	assert_false(owner_book_find(book, 8)->uid_known);
	for (int pid = 100; pid < 400; pid++)
		assert_null(owner_book_find(book, pid)->command);
	assert_ptr_equal(owner_book_find(book, 7), facts);
	owner_book_free(book);
	assert_int_equal(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void namespaces_are_named_after_who_lives_there(void **state)
{
	static const char *const expected[] = { "host", "db.service", ID, "net:[44]", "named" };
	char root[] = "/tmp/test-netns-XXXXXX";
	auto_free char *names = NULL;
	auto_namespaces found = { 0 };
	struct owner_book *book;

	(void)state;
	assert_non_null(mkdtemp(root));
	names = str_format("%s/names", root);
	make(root, "names/named", "");
	link_to(root, "1/ns", "net:[41]");
	link_to(root, "9/ns", "net:[41]");
	link_to(root, "20/ns", "net:[42]");
	make(root, "20/cgroup", "0::/system.slice/db.service\n");
	link_to(root, "30/ns", "net:[43]");
	make(root, "30/cgroup", "0::/docker/" ID "\n");
	link_to(root, "40/ns", "net:[44]");
	book = owner_book_new(root);
	assert_int_equal(namespaces_find(root, names, book, &found, NULL), 0);
	owner_book_free(book);
	assert_int_equal(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);

	assert_int_equal(found.count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < found.count; i++)
		assert_string_equal(found.list[i].name, expected[i]);
	assert_int_equal(found.list[0].pid, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_tell_unit_and_container),
		cmocka_unit_test(starts_are_the_22nd_word),
		cmocka_unit_test(links_of_namespaces_have_a_number),
		cmocka_unit_test(facts_come_from_the_files),
		cmocka_unit_test(namespaces_are_named_after_who_lives_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
