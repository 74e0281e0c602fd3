/* SPDX-License-Identifier: MIT */
/* Tables of hosts_access(5): patterns, lists, lines, and what is not understood. */

#include "addr/hosts_access.h"

#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* The client's name, and the one file there is. */
static const char *current_name;

static const char *name(void *context)
{
	(void)context;
	return current_name;
}

static int read_file(void *context, const char *path, char **ret, struct err *err)
{
	(void)context;
	if (!str_equal(path, "/patterns") && !str_equal(path, "/nested"))
		return err_set(err, -ENOENT, "no %s", path);
	*ret = str_copy(str_equal(path, "/nested") ? "/patterns\n" : "10.0.0.1\n10.0.0.2, .good\n");
	return 0;
}

enum { NO = HOSTS_NO_MATCH, YES = HOSTS_ALLOW, DENY = HOSTS_DENY, WRONG = -EINVAL };

static const struct {
	const char *text, *address, *name;
	int verdict;
} rows[] = {
	{ "", "10.0.0.1", "a.good", NO },
	{ "ALL: ALL", "10.0.0.1", "unknown", YES },
	{ "all:all", "10.0.0.1", "unknown", YES },
	{ "socat: 10.0.0.1", "10.0.0.1", "unknown", YES },
	{ "SOCAT: 10.0.0.1", "10.0.0.1", "unknown", YES },
	{ "sshd: 10.0.0.1", "10.0.0.1", "unknown", NO },
	{ "sshd,socat : 10.0.0.1", "10.0.0.1", "unknown", YES },
	{ "sshd socat ftpd : 10.0.0.1", "10.0.0.1", "unknown", YES },
	{ "so*: 10.0.0.1", "10.0.0.1", "unknown", YES },
	{ "s?cat: 10.0.0.1", "10.0.0.1", "unknown", YES },
	{ "s?at: 10.0.0.1", "10.0.0.1", "unknown", NO },
	{ "ALL EXCEPT socat: ALL", "10.0.0.1", "unknown", NO },
	{ "ALL EXCEPT sshd: ALL", "10.0.0.1", "unknown", YES },

	{ "ALL: 10.0.0.2", "10.0.0.1", "unknown", NO },
	{ "ALL: 10.0.0.1 10.0.0.2", "10.0.0.2", "unknown", YES },
	{ "ALL: 10.0.", "10.0.0.1", "unknown", YES },
	{ "ALL: 10.0.", "10.00.0.1", "unknown", NO },
	{ "ALL: 10.1.", "10.0.0.1", "unknown", NO },
	{ "ALL: 10.0.0.*", "10.0.0.1", "unknown", YES },
	{ "ALL: 10.0.0.0/24", "10.0.0.255", "unknown", YES },
	{ "ALL: 10.0.0.0/255.255.255.0", "10.0.0.255", "unknown", YES },
	{ "ALL: 10.0.0.0/255.255.255.0", "10.0.1.0", "unknown", NO },
	{ "ALL: 10.0.0.0/23", "10.0.1.1", "unknown", YES },
	{ "ALL: 10.0.0.0/24", "10.0.1.1", "unknown", NO },
	{ "ALL: 0.0.0.0/0", "10.0.1.1", "unknown", YES },
	{ "ALL: 0.0.0.0/0", "::1", "unknown", NO },
	{ "ALL: 10.0.0.1/32", "::ffff:10.0.0.1", "unknown", YES },

	{ "ALL: [::1]", "::1", "unknown", YES },
	{ "ALL: [::2]", "::1", "unknown", NO },
	{ "ALL: [::2] [::1]", "::1", "unknown", YES },
	{ "ALL: [2001:db8::]/32", "2001:db8:1::5", "unknown", YES },
	{ "ALL: [2001:db8::]/33", "2001:db8:8000::", "unknown", NO },
	{ "ALL: [::]/0", "2001:db8::", "unknown", YES },
	{ "ALL: [::]/0", "10.0.0.1", "unknown", NO },
	{ "socat: [::1] : deny", "::1", "unknown", DENY },

	{ "ALL: host.good", "10.0.0.1", "HOST.good", YES },
	{ "ALL: .good", "10.0.0.1", "host.good", YES },
	{ "ALL: .good", "10.0.0.1", "good", NO },
	{ "ALL: .good", "10.0.0.1", "host.better", NO },
	{ "ALL: h*.g?od", "10.0.0.1", "host.good", YES },
	{ "ALL: LOCAL", "10.0.0.1", "host", YES },
	{ "ALL: LOCAL", "10.0.0.1", "host.good", NO },
	{ "ALL: LOCAL", "10.0.0.1", "unknown", NO },
	{ "ALL: LOCAL", "10.0.0.1", "paranoid", NO },
	{ "ALL: KNOWN", "10.0.0.1", "host.good", YES },
	{ "ALL: KNOWN", "10.0.0.1", "unknown", NO },
	{ "ALL: KNOWN", "10.0.0.1", "paranoid", NO },
	{ "ALL: UNKNOWN", "10.0.0.1", "unknown", YES },
	{ "ALL: UNKNOWN", "10.0.0.1", "host.good", NO },
	{ "ALL: PARANOID", "10.0.0.1", "paranoid", YES },
	{ "ALL: PARANOID", "10.0.0.1", "host.good", NO },
	{ "ALL: UNKNOWN", NULL, "unknown", YES },
	{ "ALL: 0.0.0.0/0 [::]/0", NULL, "unknown", NO },

	{ "ALL: ALL EXCEPT 10.0.0.1", "10.0.0.1", "unknown", NO },
	{ "ALL: ALL EXCEPT 10.0.0.1", "10.0.0.2", "unknown", YES },
	{ "ALL: 10. EXCEPT 10.0. EXCEPT 10.0.0.1", "10.0.0.1", "unknown", YES },
	{ "ALL: 10. EXCEPT 10.0. EXCEPT 10.0.0.1", "10.0.0.2", "unknown", NO },
	{ "ALL: 10. EXCEPT 10.0. EXCEPT 10.0.0.1", "10.1.0.2", "unknown", YES },
	{ "ALL: 10. EXCEPT 10.0. EXCEPT 10.0.0.1", "11.0.0.1", "unknown", NO },
	{ "ALL: EXCEPT 10.0.0.1", "10.0.0.2", "unknown", NO },

	{ "ALL: /patterns", "10.0.0.2", "unknown", YES },
	{ "ALL: /patterns", "10.0.0.3", "host.good", YES },
	{ "ALL: /patterns", "10.0.0.3", "unknown", NO },
	{ "ALL: ALL EXCEPT /patterns", "10.0.0.1", "unknown", NO },
	{ "ALL: /nested", "10.0.0.1", "unknown", WRONG },
	{ "ALL: /missing", "10.0.0.1", "unknown", -ENOENT },

	{ "# ALL: ALL\n\n \t\nsocat: ALL\n", "10.0.0.1", "unknown", YES },
	{ "ALL: 10.0.0.2 \\\n10.0.0.1\n", "10.0.0.1", "unknown", YES },
	{ "ALL: 10.0.0.1 \\\n: \\\n deny", "10.0.0.1", "unknown", DENY },
	{ "# a comment \\\nALL: ALL\n", "10.0.0.1", "unknown", NO },
	{ "ALL: 10.0.0.1: deny\nALL: ALL\n", "10.0.0.1", "unknown", DENY },
	{ "ALL: 10.0.0.1: deny\nALL: ALL\n", "10.0.0.2", "unknown", YES },
	{ "test : ALL : allow\nsocat : ALL : ALLOW", "10.0.0.1", "unknown", YES },
	{ "ALL: 10.0.0.1\\", "10.0.0.1", "unknown", NO },

	{ "ALL", "10.0.0.1", "unknown", WRONG },
	{ "ALL:", "10.0.0.1", "unknown", WRONG },
	{ ": ALL", "10.0.0.1", "unknown", WRONG },
	{ "ALL: ALL: twist /bin/sh", "10.0.0.1", "unknown", WRONG },
	{ "ALL: ALL:", "10.0.0.1", "unknown", WRONG },
	{ "ALL: ALL: severity mail: allow", "10.0.0.1", "unknown", WRONG },
	{ "sshd: ALL: twist /bin/sh", "10.0.0.1", "unknown", NO },
	{ "sshd@host: ALL", "10.0.0.1", "unknown", NO },
	{ "socat@host: ALL", "10.0.0.1", "unknown", WRONG },
	{ "ALL: user@host", "10.0.0.1", "unknown", WRONG },
	{ "ALL: @group", "10.0.0.1", "unknown", WRONG },
	{ "ALL: 10.0.0.0/33", "10.0.0.1", "unknown", WRONG },
	{ "ALL: 10.0.0/8", "10.0.0.1", "unknown", WRONG },
	{ "ALL: host/24", "10.0.0.1", "unknown", WRONG },
	{ "ALL: [::1", "10.0.0.1", "unknown", WRONG },
	{ "ALL: [::1]/129", "10.0.0.1", "unknown", WRONG },
	{ "ALL: [::1]x", "10.0.0.1", "unknown", WRONG },
	{ "ALL: [10.0.0.1]", "10.0.0.1", "unknown", WRONG },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct net_address address = { .len = 0 };
		struct hosts_client client = { .address = &address, .name = name,
					       .read = read_file };
		enum hosts_verdict verdict = HOSTS_NO_MATCH;
		struct err err = { 0 };
		int r;

		print_message("%s\n", rows[i].text);
		current_name = rows[i].name;
		if (rows[i].address &&
		    net_address_parse(rows[i].address, AF_UNSPEC, 5, &address) < 0)
			continue;
		r = hosts_evaluate(rows[i].text, "socat", &client, HOSTS_ALLOW, &verdict, &err);
		if (rows[i].verdict < 0) {
			assert_int_equal(r, rows[i].verdict);
			assert_non_null(strstr(err.text, "(line 1)"));
		} else {
			assert_int_equal(r, 0);
			assert_int_equal(verdict, rows[i].verdict);
		}
	}
}

/* The line is counted where it begins. */
static void test_line_number(void **state)
{
	static const char text[] = "#\nsshd: \\\nALL\n\nnonsense";
	struct net_address address = { .len = 0 };
	struct hosts_client client = { .address = &address, .name = name, .read = read_file };
	enum hosts_verdict verdict;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(hosts_evaluate(text, "socat", &client, HOSTS_DENY, &verdict, &err),
			 -EINVAL);
	assert_non_null(strstr(err.text, "(line 5)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_line_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
