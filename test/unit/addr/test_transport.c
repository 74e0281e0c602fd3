/* SPDX-License-Identifier: MIT */
/* One address on top of another: what is parsed, and listening, with a layer of our own whose
 * handshake is one byte. */

#include "addr/transport.h"

#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static const struct addr_context context = { .program = "socat", .env_prefix = "SOCAT_" };

/* The layer: "connects" by opening_transport(), "listens" by the other half. */
static int shake_hands(struct stream *s)
{
	char byte;

	return stream_read_wait(s, &byte, 1) == 1 && byte == 'x' ? 0 : -EPROTO;
}

static int layer_open(struct opening *o, struct stream **ret)
{
	auto_stream s = NULL;
	int r = opening_transport(o, "", "", &s);

	if (r == 0)
		r = shake_hands(s);
	if (r == 0)
		*ret = take_ptr(s);
	return r;
}

static int layer_finish(struct opening *o, struct arrival *a, struct stream **ret)
{
	auto_stream s = NULL;
	int r = transport_finish(o, a, &s);

	if (r == 0)
		r = shake_hands(s);
	if (r == 0)
		*ret = take_ptr(s);
	return r;
}

static const struct listener_ops layer_ops = { transport_accept, layer_finish };

static int layer_listen(struct opening *o, struct listener **ret)
{
	return opening_transport_listen(o, "0", &layer_ops, ret);
}

#define LAYER(name)                                                                                \
	.names = name, .direction = DIR_BOTH,                                                      \
	.args = { .family = AF_INET, .type = SOCK_STREAM, .protocol = IPPROTO_TCP }
static const struct addr_type layer = { LAYER("LAYER"), .open = layer_open };
static const struct addr_type layer_server = { LAYER("LAYER-LISTEN"), .listen = layer_listen };

/* PROXY and SOCKS4A stand for the two in what is parsed. */
static void use_layers(struct address_pair *pair)
{
	for (size_t i = 0; i < pair->n; i++) {
		struct address *a = &pair->part[i];

		if (str_equal(a->keyword, "PROXY"))
			a->type = &layer;
		if (str_equal(a->keyword, "SOCKS4A"))
			a->type = &layer_server;
		if (a->via)
			use_layers(a->via);
	}
}

static void parse(const char *text, struct address_pair *ret)
{
	struct err err = { 0 };

	print_message("%s\n", text);
	assert_int_equal(address_parse(text, &context, ret, &err), 0);
	use_layers(ret);
}

/* What a session does with a listener that has one visitor: "x" for each layer, then data. */
static void serve(struct opening *o, const char *visitor_text, const char *said)
{
	auto_address_pair visitor_pair = { 0 };
	struct opening visitor = { .context = &context, .wanted = DIR_BOTH, .env = o->env,
				   .err = o->err };
	auto_arrival arrival = { .fd = -1 };
	auto_listener l = NULL;
	auto_stream s = NULL;
	auto_stream there = NULL;
	char data[8];

	assert_int_equal(o->address->type->listen(o, &l), 0);
	if (visitor_text) {
		parse(visitor_text, &visitor_pair);
		visitor.address = &visitor_pair.part[0];
		assert_int_equal(visitor.address->type->open(&visitor, &there), 0);
		assert_int_equal(stream_write_all(there, said, strlen(said)), 0);
	}
	assert_int_equal(l->ops->accept(l, o, &arrival), 0);
	assert_true(arrival.fd >= 0);
	assert_int_equal(l->ops->finish(o, &arrival, &s), 0);
	assert_int_equal(opening_finish(o, s), 0);
	assert_int_equal(stream_read_wait(s, data, sizeof(data)), 5);
	assert_memory_equal(data, "hello", 5);
}

static const struct {
	const char *server, *visitor, *said;
} served[] = {
	{ "SOCKS4A::h:1,via=(UNIX-LISTEN:s)", "UNIX-CONNECT:s", "xhello" },
	{ "SOCKS4A::h:1,via=(UNIX-LISTEN:s,perm=600)", "UNIX-CONNECT:s", "xhello" },
	{ "SOCKS4A::h:1,via=(SOCKS4A::h:1,via=UNIX-LISTEN:s)", "UNIX-CONNECT:s", "xxhello" },
	{ "SOCKS4A::h:1,via=(EXEC:'printf xhello')", NULL, NULL },
	{ "SOCKS4A::h:1,via=(PROXY::h:1,via=(EXEC:'printf xxhello',pipes))", NULL, NULL },
	{ "SOCKS4A::h:1,via=(SOCKS4A::h:1,via=(PROXY::h:1,via=(EXEC:'printf xxxhello')))", NULL,
	  NULL },
};

static void test_served(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(served); i++) {
		auto_address_pair pair = { 0 };
		struct env env = { 0 };
		struct err err = { 0 };
		struct opening o = { .context = &context, .wanted = DIR_BOTH, .env = &env,
				     .err = &err };

		parse(served[i].server, &pair);
		o.address = &pair.part[0];
		serve(&o, served[i].visitor, served[i].said);
		env_done(&env);
		assert_int_equal(access("s", F_OK), -1); /* the entry has gone with the listener */
	}
}

static const char *const opened[] = {
	"PROXY::h:1,via=(EXEC:'printf xhello')",
	"PROXY::h:1,via=(PROXY::h:1,via=(EXEC:'printf xxhello'))",
	/* escapes as they would be by itself, however deep */
	"PROXY::h:1,via=(EXEC:printf\\ x%.0shello\\ a\\,b)",
	"PROXY::h:1,via=(PROXY::h:1,via=(EXEC:printf\\ xx%.0shello\\ a\\,b))",
	"PROXY::h:1,via=\"EXEC:'printf xhello',pipes\"",
	"PROXY::h:1,via=EXEC:\"'printf xhello'\"",
	"PROXY::h:1,via=(EXEC:'printf xhello'!!EXEC:cat)",
	"PROXY::h:1,via=(PROXY::h:1,via=(EXEC:'printf xxhello')!!EXEC:cat)",
};

static void test_opened(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(opened); i++) {
		auto_address_pair pair = { 0 };
		struct env env = { 0 };
		struct err err = { 0 };
		struct opening o = { .context = &context, .wanted = DIR_BOTH, .env = &env,
				     .err = &err };
		auto_stream s = NULL;
		char data[8];

		parse(opened[i], &pair);
		o.address = &pair.part[0];
		assert_int_equal(layer_open(&o, &s), 0);
		assert_int_equal(opening_finish(&o, s), 0);
		assert_int_equal(stream_read_wait(s, data, sizeof(data)), 5);
		assert_memory_equal(data, "hello", 5);
		env_done(&env);
	}
}

static const struct {
	const char *text;
	int column, length;
	const char *sentence;
} wrong[] = {
	{ "PROXY::h:1,via=(UNX:s)", 16, 3, "did you mean \"UNIX\"?" },
	{ "PROXY::h:1,via=UNX:s", 15, 3, "unknown device/address" },
	{ "PROXY::h:1,via=(PROXY::h:1,via=(UNIX:s,nosuch))", 39, 6, "unknown option \"nosuch\"" },
	{ "PROXY::h:1,via=(PROXY::h\\:x:1,via=(UNIX:'s',nosuch))", 44, 6,
	  "unknown option \"nosuch\"" },
	{ "PROXY::h:1,via=(", 15, 1, "\")\" is missing" },
	{ "PROXY::h:1,via=\"UNX:s\"", 15, 7, "unknown device/address" }, /* decoded: the whole */
	{ "PROXY::h:1,via=", 15, 1, "unknown device/address \"\"" },
	{ "PROXY::h:1,via=()", 16, 1, "unknown device/address \"\"" },
	{ "PROXY::h:1,via=(PIPE", 15, 5, "\")\" is missing" },
	{ "PROXY::h:1,via=(STDIN)", 15, 7, "STDIN cannot carry" },
	{ "PROXY::h:1,via=(PIPE!!STDIN)", 15, 13, "STDIN cannot carry" },
	{ "PROXY::h:1,via=(PIPE,ignoreeof)", 15, 16, "\"ignoreeof\" is not possible" },
	{ "PROXY::h:1,via=(PIPE,crlf)", 15, 11, "\"crlf\" is not possible" },
	{ "PROXY::h:1,via=(PIPE,su-e=0)", 15, 13, "\"su-e\" is not possible" },
	{ "PROXY::h:1,via=(EXEC:x,chroot-early=/)", 15, 23, "\"chroot-early\" is not possible" },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct address_pair pair = { .n = 4711 };
		struct err err = { 0 };

		print_message("%s\n", wrong[i].text);
		assert_int_equal(address_parse(wrong[i].text, &context, &pair, &err), -EINVAL);
		assert_non_null(strstr(err.text, wrong[i].sentence));
		assert_int_equal(err.column, wrong[i].column);
		assert_int_equal(err.length, wrong[i].length);
		assert_int_equal(pair.n, 4711);
	}
}

/* What about the connection belongs inside; what about a descriptor fits outside, too. */
static void test_outside(void **state)
{
	static const char *const refused[] = { "nodelay",     "bind=127.0.0.1",	   "sourceport=1",
					       "lowport",     "connect-timeout=1", "so-type=1",
					       "reuseaddr",   "so-bindtodevice=lo", "ttl=1",
					       "pf=ip4",      "mss=500" };
	static const char *const taken[] = { "keepalive", "nonblock", "cloexec=0", "null-eof",
					     "retry=1",	  "fork",     "crlf",	   "shut-none" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused) + ARRAY_SIZE(taken); i++) {
		bool fits = i >= ARRAY_SIZE(refused);
		const char *option = fits ? taken[i - ARRAY_SIZE(refused)] : refused[i];
		auto_free char *text = str_format("PROXY::h:1,via=PIPE,%s", option);
		auto_address_pair pair = { 0 };
		struct err err = { 0 };

		print_message("%s\n", text);
		assert_int_equal(address_parse(text, &context, &pair, &err), fits ? 0 : -EINVAL);
		if (!fits)
			assert_non_null(strstr(err.text, "give it to the address in \"via\""));
	}
}

static int enter_folder(void **state)
{
	static char folder[] = "/tmp/transport-XXXXXX";

	*state = mkdtemp(folder);
	return *state ? chdir(*state) : -1;
}

static int leave_folder(void **state)
{
	return chdir("/") == 0 ? rmdir(*state) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_served),	cmocka_unit_test(test_opened),
		cmocka_unit_test(test_wrong),	cmocka_unit_test(test_outside),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
