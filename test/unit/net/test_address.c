/* SPDX-License-Identifier: MIT */
/* Socket addresses: parsed, printed, compared. */

#include "net/address.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *host;
	int family, result;
	const char *text; /* with port 80 */
} hosts[] = {
	{ "127.0.0.1", AF_UNSPEC, 0, "AF=2 127.0.0.1:80" },
	{ "127.0.0.1", AF_INET, 0, "AF=2 127.0.0.1:80" },
	{ "127.0.0.1", AF_INET6, -EINVAL },
	{ "255.255.255.255", AF_UNSPEC, 0, "AF=2 255.255.255.255:80" },
	{ "256.0.0.1", AF_UNSPEC, -EINVAL },
	{ "127.1", AF_UNSPEC, -EINVAL },
	{ "127.0.0.1.", AF_UNSPEC, -EINVAL },
	{ "127.0.0.1%lo", AF_UNSPEC, -EINVAL },
	{ "[127.0.0.1]", AF_UNSPEC, -EINVAL },
	{ "", AF_UNSPEC, -EINVAL },
	{ "localhost", AF_UNSPEC, -EINVAL },
	{ "::1", AF_UNSPEC, 0, "AF=10 [0000:0000:0000:0000:0000:0000:0000:0001]:80" },
	{ "[::1]", AF_INET6, 0, "AF=10 [0000:0000:0000:0000:0000:0000:0000:0001]:80" },
	{ "::1", AF_INET, -EINVAL },
	{ "[::1]", AF_INET, -EINVAL },
	{ "127.0.0.1", AF_UNIX, -EINVAL },
	{ "::1", AF_UNIX, -EINVAL },
	{ "2001:db8::a:b", AF_UNSPEC, 0, "AF=10 [2001:0db8:0000:0000:0000:0000:000a:000b]:80" },
	{ "::ffff:1.2.3.4", AF_UNSPEC, 0, "AF=10 [0000:0000:0000:0000:0000:ffff:0102:0304]:80" },
	{ "[::1", AF_UNSPEC, -EINVAL },
	{ "::1]", AF_UNSPEC, -EINVAL },
	{ "[]", AF_UNSPEC, -EINVAL },
	{ "[", AF_UNSPEC, -EINVAL },
	{ "]", AF_UNSPEC, -EINVAL },
	{ "[[::1]]", AF_UNSPEC, -EINVAL },
	{ "::1::", AF_UNSPEC, -EINVAL },
	{ "::1%", AF_UNSPEC, -EINVAL },
	{ "::1%0", AF_UNSPEC, -EINVAL },
	{ "::1%no-such-interface", AF_UNSPEC, -EINVAL },
	{ "::1%4294967296", AF_UNSPEC, -EINVAL },
	{ "%lo", AF_UNSPEC, -EINVAL },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999", AF_UNSPEC, -EINVAL },
	{ "::1%00000000000000000000000000000000000000000000000000000000000000001", AF_UNSPEC,
	  -EINVAL },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		struct net_address a = { .len = 4711 };
		char text[NET_ADDRESS_TEXT];

		print_message("%s\n", hosts[i].host);
		assert_int_equal(net_address_parse(hosts[i].host, hosts[i].family, 80, &a),
				 hosts[i].result);
		if (hosts[i].result < 0)
			assert_int_equal(a.len, 4711);
		else
			assert_string_equal(net_address_text(&a, text, sizeof(text)),
					    hosts[i].text);
	}
}

static void test_scope(void **state)
{
	struct net_address a, b;
	char text[64];

	(void)state;
	assert_int_equal(net_address_parse("fe80::1%lo", AF_UNSPEC, 0, &a), 0);
	assert_int_equal(a.in6.sin6_scope_id, if_nametoindex("lo"));
	(void)snprintf(text, sizeof(text), "[fe80::1%%%u]", if_nametoindex("lo"));
	assert_int_equal(net_address_parse(text, AF_INET6, 0, &b), 0);
	assert_int_equal(b.in6.sin6_scope_id, a.in6.sin6_scope_id);
}

static void test_parts(void **state)
{
	struct net_address a;
	char text[NET_ADDRESS_TEXT];

	(void)state;
	assert_int_equal(net_address_parse("10.0.0.1", AF_UNSPEC, 65535, &a), 0);
	assert_string_equal(net_address_host(&a, text, sizeof(text)), "10.0.0.1");
	assert_string_equal(net_address_numeric(&a, text, sizeof(text)), "10.0.0.1");
	assert_int_equal(net_address_port(&a), 65535);
	net_address_set_port(&a, 1);
	assert_int_equal(net_address_port(&a), 1);

	assert_int_equal(net_address_parse("2001:db8::1", AF_UNSPEC, 443, &a), 0);
	assert_string_equal(net_address_host(&a, text, sizeof(text)),
			    "[2001:0db8:0000:0000:0000:0000:0000:0001]");
	assert_string_equal(net_address_numeric(&a, text, sizeof(text)), "2001:db8::1");
	assert_int_equal(net_address_port(&a), 443);

	/* too little room: cut or empty, but always terminated */
	assert_true(strlen(net_address_host(&a, text, 8)) < 8);
	assert_int_equal(net_address_parse("10.0.0.1", AF_UNSPEC, 1, &a), 0);
	memset(text, '#', sizeof(text));
	assert_string_equal(net_address_host(&a, text, 8), "");

	assert_int_equal(net_address_unix("/run/x", true, &a), 0);
	assert_string_equal(net_address_numeric(&a, text, sizeof(text)), "");
	assert_int_equal(net_address_port(&a), -1);
	net_address_set_port(&a, 80);
	assert_string_equal(net_address_text(&a, text, sizeof(text)), "AF=1 \"/run/x\"");
}

static void test_unmap(void **state)
{
	static const struct {
		const char *host, *text;
		bool mapped;
	} rows[] = {
		{ "::ffff:1.2.3.4", "AF=2 1.2.3.4:80", true },
		{ "1.2.3.4", "AF=2 1.2.3.4:80", false },
		{ "::1", "AF=10 [0000:0000:0000:0000:0000:0000:0000:0001]:80", false },
	};
	char text[NET_ADDRESS_TEXT];
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(net_address_parse(rows[i].host, AF_UNSPEC, 80, &a), 0);
		assert_int_equal(net_address_unmap(&a), rows[i].mapped);
		assert_string_equal(net_address_text(&a, text, sizeof(text)), rows[i].text);
	}
}

static void test_any(void **state)
{
	struct net_address a;
	char text[NET_ADDRESS_TEXT];

	(void)state;
	net_address_any(&a, AF_INET, 80);
	assert_int_equal(a.len, sizeof(struct sockaddr_in));
	assert_string_equal(net_address_text(&a, text, sizeof(text)), "AF=2 0.0.0.0:80");
	net_address_any(&a, AF_INET6, 80);
	assert_int_equal(a.len, sizeof(struct sockaddr_in6));
	assert_string_equal(net_address_text(&a, text, sizeof(text)),
			    "AF=10 [0000:0000:0000:0000:0000:0000:0000:0000]:80");
}

static void test_other_families(void **state)
{
	struct net_address vsock = { .vm = { .svm_family = AF_VSOCK, .svm_cid = 3, .svm_port = 5 },
				     .len = sizeof(struct sockaddr_vm) };
	struct net_address packet = { .len = 6 };
	struct net_address none = { .len = 0 };
	char text[NET_ADDRESS_TEXT];

	(void)state;
	assert_string_equal(net_address_text(&vsock, text, sizeof(text)), "AF=40 cid:3 port:5");
	assert_string_equal(net_address_host(&vsock, text, sizeof(text)), "3");
	assert_int_equal(net_address_port(&vsock), 5);

	packet.any.sa_family = AF_PACKET;
	memcpy(packet.any.sa_data, "\x00\x03\xab\xcd", 4);
	assert_string_equal(net_address_text(&packet, text, sizeof(text)), "AF=17 0x0003abcd");
	packet.len = sizeof(packet.storage);
	assert_true(strlen(net_address_text(&packet, text, sizeof(text))) < sizeof(text));

	assert_string_equal(net_address_host(&none, text, sizeof(text)), "<anon>");
}

static void test_unix_paths(void **state)
{
	static const size_t header = offsetof(struct sockaddr_un, sun_path);
	char path[NET_UNIX_PATH_MAX + 2], text[NET_ADDRESS_TEXT];
	struct net_address a;

	(void)state;
	assert_int_equal(net_address_unix("x", true, &a), 0);
	assert_int_equal(a.len, header + 1);
	assert_int_equal(net_address_unix("x", false, &a), 0);
	assert_int_equal(a.len, sizeof(struct sockaddr_un));

	/* the longest one fills sun_path and has no NUL */
	memset(path, 'p', sizeof(path));
	path[NET_UNIX_PATH_MAX] = '\0';
	assert_int_equal(net_address_unix(path, true, &a), 0);
	assert_int_equal(a.len, sizeof(struct sockaddr_un));
	assert_string_equal(net_address_host(&a, text, sizeof(text)), path);
	path[NET_UNIX_PATH_MAX] = 'p';
	path[NET_UNIX_PATH_MAX + 1] = '\0';
	assert_int_equal(net_address_unix(path, true, &a), -ENAMETOOLONG);

	assert_int_equal(net_address_unix("a\n\x1b\"", true, &a), 0);
	assert_string_equal(net_address_host(&a, text, sizeof(text)), "a\\x0a\\x1b\"");
}

static void test_abstract_names(void **state)
{
	static const size_t header = offsetof(struct sockaddr_un, sun_path);
	char name[NET_UNIX_PATH_MAX], text[NET_ADDRESS_TEXT];
	struct net_address a, padded;

	(void)state;
	assert_int_equal(net_address_abstract("name", 4, true, &a), 0);
	assert_int_equal(a.len, header + 5);
	assert_string_equal(net_address_text(&a, text, sizeof(text)), "AF=1 \"\\0name\"");
	assert_int_equal(net_address_abstract("a\0b", 3, true, &a), 0);
	assert_string_equal(net_address_host(&a, text, sizeof(text)), "\\0a\\x00b");

	/* padding belongs to the name */
	assert_int_equal(net_address_abstract("name", 4, true, &a), 0);
	assert_int_equal(net_address_abstract("name", 4, false, &padded), 0);
	assert_int_equal(padded.len, sizeof(struct sockaddr_un));
	assert_false(net_address_equal(&a, &padded));

	memset(name, 'n', sizeof(name));
	assert_int_equal(net_address_abstract(name, sizeof(name) - 1, true, &a), 0);
	assert_int_equal(a.len, sizeof(struct sockaddr_un));
	assert_int_equal(net_address_abstract(name, sizeof(name), true, &a), -ENAMETOOLONG);
}

static void parse(const char *host, uint16_t port, struct net_address *ret)
{
	assert_int_equal(net_address_parse(host, AF_UNSPEC, port, ret), 0);
}

static void test_equal(void **state)
{
	struct net_address a, b;

	(void)state;
	parse("10.0.0.1", 80, &a);
	parse("10.0.0.1", 80, &b);
	memset(b.in.sin_zero, 0xff, sizeof(b.in.sin_zero));
	assert_true(net_address_equal(&a, &b));
	parse("10.0.0.1", 81, &b);
	assert_false(net_address_equal(&a, &b));
	parse("10.0.0.2", 80, &b);
	assert_false(net_address_equal(&a, &b));
	parse("::ffff:10.0.0.1", 80, &b);
	assert_false(net_address_equal(&a, &b));

	parse("2001:db8::1", 80, &a);
	parse("[2001:db8:0::1]", 80, &b);
	b.in6.sin6_flowinfo = 7;
	assert_true(net_address_equal(&a, &b));
	parse("2001:db8::2", 80, &b);
	assert_false(net_address_equal(&a, &b));

	/* a path is the same, tight or not */
	assert_int_equal(net_address_unix("/run/x", true, &a), 0);
	assert_int_equal(net_address_unix("/run/x", false, &b), 0);
	assert_true(net_address_equal(&a, &b));
	assert_int_equal(net_address_unix("/run/xy", true, &b), 0);
	assert_false(net_address_equal(&a, &b));
	assert_int_equal(net_address_abstract("/run/x", 6, true, &b), 0);
	assert_false(net_address_equal(&a, &b));
}

static void test_ends_of_a_socket(void **state)
{
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int pair[2];
	struct net_address bound, local, peer;
	char text[NET_ADDRESS_TEXT];

	(void)state;
	parse("127.0.0.1", 0, &bound);
	assert_int_equal(bind(fd, &bound.any, bound.len), 0);
	assert_int_equal(net_address_local(fd, &local), 0);
	assert_int_equal(local.len, sizeof(struct sockaddr_in));
	assert_true(net_address_port(&local) > 0);
	assert_int_equal(net_address_peer(fd, &peer), -ENOTCONN);
	assert_int_equal(connect(fd, &local.any, local.len), 0);
	assert_int_equal(net_address_peer(fd, &peer), 0);
	assert_true(net_address_equal(&local, &peer));

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(net_address_peer(pair[0], &peer), 0);
	assert_string_equal(net_address_text(&peer, text, sizeof(text)), "AF=1 \"<anon>\"");
	(void)close(pair[0]);
	(void)close(pair[1]);
	assert_int_equal(net_address_local(pair[0], &local), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_unmap),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_other_families),
		cmocka_unit_test(test_unix_paths),
		cmocka_unit_test(test_abstract_names),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_ends_of_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
