/* SPDX-License-Identifier: MIT */
/* Expressions to trees, which are printed as (operator operands). */

#include "names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>

static void print_host(struct buf *out, const struct filter_host *host)
{
	char text[INET6_ADDRSTRLEN];

	if (host->pattern)
		buf_format(out, " '%s'", host->pattern);
	for (size_t i = 0; i < host->count; i++) {
		const struct filter_prefix *p = &host->prefixes[i];
		uint32_t number;

		memcpy(&number, p->address, sizeof(number));
		if (p->family == AF_INET || p->family == AF_INET6)
			buf_format(out, " %s/%u",
				   inet_ntop(p->family, p->address, text, sizeof(text)), p->bits);
		else
			buf_format(out, " %u:%u/%u", p->family, number, p->bits);
	}
	if (host->port != FILTER_ANY_PORT)
		buf_format(out, " :%d", host->port);
}

static void print_node(struct buf *out, const struct filter *filter, uint32_t i)
{
	const struct filter_node *node = &filter->nodes[i];
	const char *side = node->side == FILTER_LOCAL ? "src" : "dst";

	switch (node->kind) {
	case FILTER_AND:
	case FILTER_OR:
		buf_put_text(out, node->kind == FILTER_AND ? "(and " : "(or ");
		print_node(out, filter, node->operands.left);
		buf_put_byte(out, ' ');
		print_node(out, filter, node->operands.right);
		buf_put_byte(out, ')');
		break;
	case FILTER_NOT:
		buf_put_text(out, "(not ");
		print_node(out, filter, node->operands.left);
		buf_put_byte(out, ')');
		break;
	case FILTER_HOST:
		buf_format(out, "(%s", side);
		print_host(out, &node->host);
		buf_put_byte(out, ')');
		break;
	case FILTER_PORT_GE:
	case FILTER_PORT_LE:
		buf_format(out, "(%s %s %d)", side, node->kind == FILTER_PORT_GE ? ">=" : "<=",
			   node->port);
		break;
	case FILTER_DEVICE:
		buf_format(out, "(dev %u)", node->device);
		break;
	case FILTER_MARK:
		buf_format(out, "(mark %#x/%#x)", node->mark.value, node->mark.mask);
		break;
	case FILTER_CGROUP:
		buf_format(out, "(cgroup %llu)", (unsigned long long)node->cgroup);
		break;
	case FILTER_AUTOBOUND:
		buf_put_text(out, "auto");
		break;
	}
}

static const struct {
	const char *text;
	int preferred;
	const char *tree;
} good[] = {
	{ "", 0, "" },
	{ " \t\n ", 0, "" },
	{ "sport = 22", 0, "(src :22)" },
	{ "sport 22", 0, "(src :22)" },
	{ "sport == :ssh", 0, "(src :22)" },
	{ "sport eq 0x16", 0, "(src :22)" },
	{ "dport both", 0, "(dst :7)" },
	{ "dport = :ntp", 0, "(dst :123)" },
	{ "sport != 22", 0, "(not (src :22))" },
	{ "sport < 22", 0, "(not (src >= 22))" },
	{ "sport gt 22", 0, "(not (src <= 22))" },
	{ "sport geq 22 dport <= 9", 0, "(and (src >= 22) (dst <= 9))" },
	{ "sport = -1", 0, "(src)" },
	{ "sport = 70000", 0, "(src :70000)" },
	{ "src *", 0, "(src)" },
	{ "src *:22", 0, "(src :22)" },
	{ "src :22", 0, "(src :22)" },
	{ "src 10.1", 0, "(src 10.1.0.0/32)" },
	{ "src 10/8:22", 0, "(src 10.0.0.0/8 :22)" },
	{ "src 0x7f.1", 0, "(src 127.1.0.0/32)" },
	{ "src 10.0.0.0/255.255.0.0", 0, "(src 10.0.0.0/16)" },
	{ "src 10.0.0.1:", 0, "(src 10.0.0.1/32)" },
	{ "src 10.0.0.1:*", 0, "(src 10.0.0.1/32)" },
	{ "dst [::1]:ssh", 0, "(dst ::1/128 :22)" },
	{ "dst fe80::/10:22", 0, "(dst fe80::/10 :22)" },
	{ "dst [fe80::/10]:22", 0, "(dst fe80::/10 :22)" },
	{ "src [10.0.0.1]:22", 0, "(src 10.0.0.1/32 :22)" },
	{ "src any", 0, "(src 0:0/0)" },
	{ "src two", 0, "(src 10.0.0.1/32 10.0.0.2/32)" },
	{ "src inet6:[::1]:22", 0, "(src ::1/128 :22)" },
	{ "src ::1/128", AF_INET6, "(src ::1/128)" },
	{ "src unix:/a:b", 0, "(src '/a:b')" },
	{ "src /run/*", AF_UNIX, "(src '/run/*')" },
	{ "src unix:/a\\ b\\\\c", 0, "(src '/a b\\c')" },
	{ "src link:arp:lo", 0, "(src 17:2054/32 :1)" },
	{ "src link:*:7", 0, "(src :7)" },
	{ "sport = link:lo", 0, "(src :1)" },
	{ "src uevent:kernel", AF_NETLINK, "(src 16:15/32 :0)" },
	{ "sport > netlink:-5", 0, "(not (src <= -5))" },
	{ "src vsock:3:1024", 0, "(src 40:3/32 :1024)" },
	{ "sport = vsock:4294967295", 0, "(src)" },
	{ "dev lo", 0, "(dev 1)" },
	{ "dev != if7", 0, "(not (dev 7))" },
	{ "dev = 0", 0, "(dev 0)" },
	{ "fwmark 3", 0, "(mark 0x3/0xffffffff)" },
	{ "fwmark = 0x34/0xff", 0, "(mark 0x34/0xff)" },
	{ "fwmark != 3x", 0, "(not (mark 0x3/0xffffffff))" },
	{ "cgroup /a autobound", 0, "(and (cgroup 77) auto)" },
	/* One rank, to the left. */
	{ "sport 1 or sport 2 and sport 3", 0, "(and (or (src :1) (src :2)) (src :3))" },
	{ "sport 1 && sport 2 || sport 3", 0, "(or (and (src :1) (src :2)) (src :3))" },
	{ "sport 1 or ( sport 2 and sport 3 )", 0, "(or (src :1) (and (src :2) (src :3)))" },
	{ "not sport 1 sport 2", 0, "(and (not (src :1)) (src :2))" },
	{ "! ( not sport 1 | autobound )", 0, "(not (or (not (src :1)) auto))" },
	/* A family holds for what follows. */
	{ "src unix:a or src b", 0, "(or (src 'a') (src 'b'))" },
	{ "src unix:a or src inet:1.2.3.4", 0, "(or (src 'a') (src 1.2.3.4/32))" },
	{ "src inet:1.2.3.4", AF_INET6, "(src 1.2.3.4/32)" },
	/* Where there are no addresses, a resolver's numbers are some. */
	{ "src 1.2.3:7", AF_XDP, "(src 1.2.0.3/32 :7)" },
	{ "src 010.1.2.3", AF_TIPC, "(src 8.1.2.3/32)" },
};

static void trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		auto_filter filter = { 0 };
		auto_buf out = { 0 };
		struct err err = { 0 };

		if (parse_known(good[i].text, good[i].preferred, &filter, &err) < 0)
			fail_msg("%s: %s", good[i].text, err.text);
		if (filter.count)
			print_node(&out, &filter, (uint32_t)filter.count - 1);
		assert_string_equal(buf_text(&out), good[i].tree);
	}
}

#define SYNTAX "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry."
#define HOST "\nCannot parse dst/src address."

static const struct {
	const char *text;
	int code, column;
	const char *sentence;
} wrong[] = {
	{ "sport =", -EBADMSG, 7, SYNTAX },
	{ "and sport = 22", -EBADMSG, 0, SYNTAX },
	{ "sport = 22 or", -EBADMSG, 13, SYNTAX },
	{ "( )", -EBADMSG, 2, SYNTAX },
	{ "( sport 22", -EBADMSG, 10, SYNTAX },
	{ "sport 22 )", -EBADMSG, 9, SYNTAX },
	{ "src != 1.2.3.4", -EBADMSG, 4, SYNTAX },
	{ "dev > lo", -EBADMSG, 4, SYNTAX },
	{ "autobound = 1", -EBADMSG, 10, SYNTAX },
	{ "sport 22 33", -EBADMSG, 9, SYNTAX },
	{ "sport = x or or", -EINVAL, 8, "Error: \"x\" does not look like a port." HOST },
	{ "sport = 22x", -EINVAL, 8, "Error: \"22x\" does not look like a port." HOST },
	{ "src ::1", -EINVAL, 4, "Error: an inet prefix is expected rather than \":\"." HOST },
	{ "src [::1]/128", -EINVAL, 4, "Error: \"/128\" does not look like a port." HOST },
	{ "src [::1", -EINVAL, 4, "Cannot parse dst/src address." },
	{ "src 1.2.3.4/33", -EINVAL, 4,
	  "Error: an inet prefix is expected rather than \"1.2.3.4/33\"." HOST },
	{ "src 1.2.3.4/255.0.255.0", -EINVAL, 4,
	  "Error: an inet prefix is expected rather than \"1.2.3.4/255.0.255.0\"." HOST },
	{ "src any/8", -EINVAL, 4,
	  "Error: an inet prefix is expected rather than \"any/8\"." HOST },
	{ "src link:nosuch", -EINVAL, 4, "Cannot parse dst/src address." },
	{ "src netlink:256", -EINVAL, 4, "Cannot parse dst/src address." },
	{ "src vsock:-1", -EINVAL, 4, "Cannot parse dst/src address." },
	{ "dev eth9", -EINVAL, 4, "Cannot parse device." },
	{ "fwmark x", -EINVAL, 7, "Cannot parse mark x." },
	{ "fwmark 3x/4", -EINVAL, 7, "Cannot parse mark 3x/4." },
	{ "cgroup /b", -EINVAL, 7, "Failed to get cgroup2 ID: no\nCannot parse cgroup /b." },
};

static void errors_have_a_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		auto_filter filter = { 0 };
		struct err err = { 0 };

		if (parse_known(wrong[i].text, AF_UNSPEC, &filter, &err) != wrong[i].code)
			fail_msg("%s: %d", wrong[i].text, err.code);
		assert_string_equal(err.text, wrong[i].sentence);
		assert_int_equal(err.column, wrong[i].column);
	}
}

static void the_last_family_counts(void **state)
{
	auto_filter filter = { 0 };

	(void)state;
	assert_int_equal(parse_known("src 1.2.3.4", AF_UNSPEC, &filter, NULL), 0);
	assert_int_equal(filter.family, AF_UNSPEC);
	filter_done(&filter);
	assert_int_equal(parse_known("src unix:* or dev lo", AF_UNSPEC, &filter, NULL), 0);
	assert_int_equal(filter.family, AF_UNIX);
	filter_done(&filter);
	assert_int_equal(parse_known("src inet:* or src inet6:*", AF_UNIX, &filter, NULL), 0);
	assert_int_equal(filter.family, AF_INET6);
}

static void there_are_limits(void **state)
{
	auto_filter filter = { 0 };
	auto_buf deep = { 0 }, wide = { 0 };
	struct err err;

	(void)state;
	for (int i = 0; i <= FILTER_NESTING_MAX; i++)
		buf_put_text(&deep, "! ");
	buf_put_text(&deep, "autobound");
	assert_int_equal(parse_known(buf_text(&deep), AF_UNSPEC, &filter, &err), -E2BIG);
	for (int i = 0; i <= FILTER_NODES_MAX / 2; i++)
		buf_put_text(&wide, "autobound ");
	assert_int_equal(parse_known(buf_text(&wide), AF_UNSPEC, &filter, &err), -E2BIG);
	assert_string_equal(err.text, "ss: the filter has too many conditions");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees),
		cmocka_unit_test(errors_have_a_place),
		cmocka_unit_test(the_last_family_counts),
		cmocka_unit_test(there_are_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
