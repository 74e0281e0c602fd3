/* SPDX-License-Identifier: MIT */
/* The catalogue of addresses, and text to address. */

#include "addr/addr.h"

#include "addr/openssl.h"
#include "base/buf.h"
#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* What classic 1.8.1.1 has, as far as we have it: all names, the number of
 * parameters, the direction, the option groups. */
static const struct {
	const char *names;
	uint8_t min_params, max_params;
	enum addr_direction direction;
	const char *groups;
} expected[] = {
	{ "ABSTRACT-CLIENT ABSTRACT", 1, 1, DIR_BOTH, "FD SOCKET RETRY UNIX" },
	{ "ABSTRACT-CONNECT", 1, 1, DIR_BOTH, "FD SOCKET RETRY UNIX" },
	{ "ABSTRACT-LISTEN", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY UNIX" },
	{ "ABSTRACT-RECV", 1, 1, DIR_READ, "FD SOCKET RETRY UNIX" },
	{ "ABSTRACT-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RETRY UNIX" },
	{ "ABSTRACT-SENDTO", 1, 1, DIR_BOTH, "FD SOCKET RETRY UNIX" },
	{ "ACCEPT-FD ACCEPT", 1, 1, DIR_BOTH,
	  "FD SOCKET CHILD RETRY RANGE UNIX IP4 IP6 UDP TCP SCTP DCCP UDPLITE" },
	{ "CREATE CREAT", 1, 1, DIR_WRITE, "FD REG NAMED" },
	{ "DCCP-CONNECT DCCP", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 DCCP" },
	{ "DCCP-LISTEN DCCP-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY RANGE IP4 IP6 DCCP" },
	{ "DCCP4-CONNECT DCCP4", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 DCCP" },
	{ "DCCP4-LISTEN DCCP4-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY RANGE IP4 DCCP" },
	{ "DCCP6-CONNECT DCCP6", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP6 DCCP" },
	{ "DCCP6-LISTEN DCCP6-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY RANGE IP6 DCCP" },
	{ "EXEC", 1, 1, DIR_BOTH, "FD FIFO SOCKET EXEC FORK TERMIOS PTY PARENT UNIX" },
	{ "FD", 1, 1, DIR_BOTH,
	  "FD FIFO CHR BLK REG SOCKET TERMIOS UNIX IP4 IP6 UDP TCP SCTP DCCP UDPLITE" },
	{ "GOPEN", 1, 1, DIR_BOTH, "FD FIFO CHR BLK REG SOCKET NAMED OPEN TERMIOS UNIX" },
	{ "INTERFACE IF", 1, 1, DIR_BOTH, "FD SOCKET INTERFACE" },
	{ "IP-DATAGRAM IP-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP4 IP6" },
	{ "IP-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP4 IP6" },
	{ "IP-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP4 IP6" },
	{ "IP-SENDTO IP IP-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP4 IP6" },
	{ "IP4-DATAGRAM IP4-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP4" },
	{ "IP4-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP4" },
	{ "IP4-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP4" },
	{ "IP4-SENDTO IP4 IP4-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP4" },
	{ "IP6-DATAGRAM IP6-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP6" },
	{ "IP6-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP6" },
	{ "IP6-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP6" },
	{ "IP6-SENDTO IP6 IP6-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP6" },
	{ "OPEN FILE", 1, 1, DIR_BOTH, "FD FIFO CHR BLK REG NAMED OPEN TERMIOS" },
	{ "OPENSSL OPENSSL-CONNECT SSL", 2, 2, DIR_BOTH,
	  "FD SOCKET CHILD RETRY IP4 IP6 TCP OPENSSL" },
	{ "OPENSSL-DTLS-CLIENT OPENSSL-DTLS-CONNECT DTLS-CLIENT DTLS-CONNECT DTLS-C DTLS", 2, 2,
	  DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 UDP OPENSSL" },
	{ "OPENSSL-DTLS-SERVER OPENSSL-DTLS-LISTEN DTLS-SERVER DTLS-LISTEN DTLS-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RETRY RANGE IP4 IP6 UDP OPENSSL" },
	{ "OPENSSL-LISTEN SSL-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RETRY RANGE IP4 IP6 TCP OPENSSL" },
	{ "PIPE ECHO FIFO", 0, 1, DIR_BOTH, "FD FIFO NAMED OPEN" },
	{ "POSIXMQ-BIDIRECTIONAL POSIXMQ", 1, 1, DIR_BOTH, "FD NAMED OPEN RETRY POSIXMQ" },
	{ "POSIXMQ-READ", 1, 1, DIR_READ, "FD NAMED OPEN RETRY POSIXMQ" },
	{ "POSIXMQ-RECEIVE POSIXMQ-RECV", 1, 1, DIR_READ, "FD NAMED OPEN CHILD RETRY POSIXMQ" },
	{ "POSIXMQ-SEND", 1, 1, DIR_WRITE, "FD NAMED OPEN CHILD RETRY POSIXMQ" },
	{ "POSIXMQ-WRITE", 1, 1, DIR_WRITE, "FD NAMED OPEN CHILD RETRY POSIXMQ" },
	{ "PROXY PROXY-CONNECT", 3, 3, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 TCP HTTP" },
	{ "PTY", 0, 0, DIR_BOTH, "FD NAMED TERMIOS PTY" },
	{ "READLINE", 0, 0, DIR_BOTH, "FD READLINE TERMIOS" },
	{ "SCTP-CONNECT SCTP", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 SCTP" },
	{ "SCTP-LISTEN SCTP-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY RANGE IP4 IP6 SCTP" },
	{ "SCTP4-CONNECT SCTP4", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 SCTP" },
	{ "SCTP4-LISTEN SCTP4-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY RANGE IP4 SCTP" },
	{ "SCTP6-CONNECT SCTP6", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP6 SCTP" },
	{ "SCTP6-LISTEN SCTP6-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY RANGE IP6 SCTP" },
	{ "SHELL", 0, 1, DIR_BOTH, "FD FIFO SOCKET EXEC FORK SHELL TERMIOS PTY PARENT UNIX" },
	{ "SOCKET-CONNECT", 3, 3, DIR_BOTH, "FD SOCKET CHILD RETRY" },
	{ "SOCKET-DATAGRAM DATAGRAM DGRAM", 4, 4, DIR_BOTH, "FD SOCKET RANGE" },
	{ "SOCKET-LISTEN", 3, 3, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY RANGE" },
	{ "SOCKET-RECV", 4, 4, DIR_READ, "FD SOCKET RANGE" },
	{ "SOCKET-RECVFROM", 4, 4, DIR_BOTH, "FD SOCKET CHILD RANGE" },
	{ "SOCKET-SENDTO SENDTO", 4, 4, DIR_BOTH, "FD SOCKET" },
	{ "SOCKETPAIR", 0, 0, DIR_BOTH, "FD SOCKET" },
	{ "SOCKS4 SOCKS", 3, 3, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 TCP SOCKS" },
	{ "SOCKS4A", 3, 3, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 TCP SOCKS" },
	{ "SOCKS5-CONNECT SOCKS5", 3, 4, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 TCP SOCKS" },
	{ "SOCKS5-LISTEN SOCKS5-BIND", 3, 4, DIR_BOTH,
	  "FD SOCKET CHILD RETRY IP4 IP6 TCP SOCKS" },
	{ "STALL", 0, 0, DIR_BOTH, "FD FIFO" },
	{ "STDERR", 0, 0, DIR_WRITE,
	  "FD FIFO CHR BLK REG SOCKET TERMIOS UNIX IP4 IP6 UDP TCP SCTP DCCP UDPLITE" },
	{ "STDIN", 0, 0, DIR_READ,
	  "FD FIFO CHR BLK REG SOCKET TERMIOS UNIX IP4 IP6 UDP TCP SCTP DCCP UDPLITE" },
	{ "STDIO -", 0, 0, DIR_BOTH,
	  "FD FIFO CHR BLK REG SOCKET TERMIOS UNIX IP4 IP6 UDP TCP SCTP DCCP UDPLITE" },
	{ "STDOUT", 0, 0, DIR_WRITE,
	  "FD FIFO CHR BLK REG SOCKET TERMIOS UNIX IP4 IP6 UDP TCP SCTP DCCP UDPLITE" },
	{ "SYSTEM", 1, 1, DIR_BOTH, "FD FIFO SOCKET EXEC FORK TERMIOS PTY PARENT UNIX" },
	{ "TCP-CONNECT INET TCP", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 IP6 TCP" },
	{ "TCP-LISTEN INET-L INET-LISTEN TCP-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RETRY RANGE IP4 IP6 TCP" },
	{ "TCP4-CONNECT INET4 TCP4", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP4 TCP" },
	{ "TCP4-LISTEN INET4-L INET4-LISTEN TCP4-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RETRY RANGE IP4 TCP" },
	{ "TCP6-CONNECT INET6 TCP6", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY IP6 TCP" },
	{ "TCP6-LISTEN INET6-L INET6-LISTEN TCP6-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RETRY RANGE IP6 TCP" },
	{ "TEXT", 1, 1, DIR_BOTH, "FD FIFO" },
	{ "TUN", 0, 1, DIR_BOTH, "FD CHR OPEN INTERFACE" },
	{ "UDP-CONNECT UDP", 2, 2, DIR_BOTH, "FD SOCKET IP4 IP6 UDP" },
	{ "UDP-DATAGRAM UDP-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP4 IP6 UDP" },
	{ "UDP-LISTEN UDP-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RANGE IP4 IP6 UDP" },
	{ "UDP-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP4 IP6 UDP" },
	{ "UDP-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP4 IP6 UDP" },
	{ "UDP-SENDTO UDP-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP4 IP6 UDP" },
	{ "UDP4-CONNECT UDP4", 2, 2, DIR_BOTH, "FD SOCKET IP4 UDP" },
	{ "UDP4-DATAGRAM UDP4-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP4 UDP" },
	{ "UDP4-LISTEN UDP4-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RANGE IP4 UDP" },
	{ "UDP4-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP4 UDP" },
	{ "UDP4-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP4 UDP" },
	{ "UDP4-SENDTO UDP4-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP4 UDP" },
	{ "UDP6-CONNECT UDP6", 2, 2, DIR_BOTH, "FD SOCKET IP6 UDP" },
	{ "UDP6-DATAGRAM UDP6-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP6 UDP" },
	{ "UDP6-LISTEN UDP6-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RANGE IP6 UDP" },
	{ "UDP6-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP6 UDP" },
	{ "UDP6-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP6 UDP" },
	{ "UDP6-SENDTO UDP6-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP6 UDP" },
	{ "UDPLITE-CONNECT UDPLITE", 2, 2, DIR_BOTH, "FD SOCKET IP4 IP6 UDP UDPLITE" },
	{ "UDPLITE-DATAGRAM UDPLITE-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP4 IP6 UDP UDPLITE" },
	{ "UDPLITE-LISTEN UDPLITE-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RANGE IP4 IP6 UDP UDPLITE" },
	{ "UDPLITE-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP4 IP6 UDP UDPLITE" },
	{ "UDPLITE-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP4 IP6 UDP UDPLITE" },
	{ "UDPLITE-SENDTO UDPLITE-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP4 IP6 UDP UDPLITE" },
	{ "UDPLITE4-CONNECT UDPLITE4", 2, 2, DIR_BOTH, "FD SOCKET IP4 UDP UDPLITE" },
	{ "UDPLITE4-DATAGRAM UDPLITE4-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP4 UDP UDPLITE" },
	{ "UDPLITE4-LISTEN UDPLITE4-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RANGE IP4 UDP UDPLITE" },
	{ "UDPLITE4-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP4 UDP UDPLITE" },
	{ "UDPLITE4-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP4 UDP UDPLITE" },
	{ "UDPLITE4-SENDTO UDPLITE4-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP4 UDP UDPLITE" },
	{ "UDPLITE6-CONNECT UDPLITE6", 2, 2, DIR_BOTH, "FD SOCKET IP6 UDP UDPLITE" },
	{ "UDPLITE6-DATAGRAM UDPLITE6-DGRAM", 2, 2, DIR_BOTH, "FD SOCKET RANGE IP6 UDP UDPLITE" },
	{ "UDPLITE6-LISTEN UDPLITE6-L", 1, 1, DIR_BOTH,
	  "FD SOCKET LISTEN CHILD RANGE IP6 UDP UDPLITE" },
	{ "UDPLITE6-RECV", 1, 1, DIR_READ, "FD SOCKET RANGE IP6 UDP UDPLITE" },
	{ "UDPLITE6-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET CHILD RANGE IP6 UDP UDPLITE" },
	{ "UDPLITE6-SENDTO UDPLITE6-SEND", 2, 2, DIR_BOTH, "FD SOCKET IP6 UDP UDPLITE" },
	{ "UNIX-CLIENT UNIX", 1, 1, DIR_BOTH, "FD SOCKET NAMED RETRY UNIX" },
	{ "UNIX-CONNECT LOCAL", 1, 1, DIR_BOTH, "FD SOCKET NAMED RETRY UNIX" },
	{ "UNIX-LISTEN UNIX-L", 1, 1, DIR_BOTH, "FD SOCKET NAMED LISTEN CHILD RETRY UNIX" },
	{ "UNIX-RECV", 1, 1, DIR_READ, "FD SOCKET NAMED RETRY UNIX" },
	{ "UNIX-RECVFROM", 1, 1, DIR_BOTH, "FD SOCKET NAMED CHILD RETRY UNIX" },
	{ "UNIX-SENDTO UNIX-SEND", 1, 1, DIR_BOTH, "FD SOCKET NAMED RETRY UNIX" },
	{ "VSOCK-CONNECT VSOCK", 2, 2, DIR_BOTH, "FD SOCKET CHILD RETRY" },
	{ "VSOCK-LISTEN VSOCK-L", 1, 1, DIR_BOTH, "FD SOCKET LISTEN CHILD RETRY" },
};

static const struct addr_context context = { .program = "socat", .env_prefix = "SOCAT_",
					     .block_size = 8192 };

/* KEYWORD:p:p... with so many parameters; numbers fit all of them. */
static int parse_params(const char *name, size_t len, size_t count, struct address_pair *ret,
			struct err *err)
{
	auto_buf text = { 0 };

	buf_put(&text, name, len);
	for (size_t i = 0; i < count; i++)
		buf_put_text(&text, ":1");
	return address_parse(buf_text(&text), &context, ret, err);
}

static void check_params(const char *name, size_t len, size_t min, size_t max)
{
	for (size_t n = 0; n <= max + 1; n++) {
		auto_address_pair pair = { 0 };
		struct err err = { 0 };
		int r = parse_params(name, len, n, &pair, &err);

		if (n >= min && n <= max) {
			assert_int_equal(r, 0);
			assert_int_equal(pair.part[0].n_params, n);
			continue;
		}
		assert_int_equal(r, -EINVAL);
		assert_int_equal(err.column, 0);
		assert_int_equal(err.length, len + 2 * n);
		assert_non_null(strstr(err.text, ": wrong number of parameters ("));
		assert_non_null(strstr(err.text, ": usage: "));
	}
}

static void check_groups(const struct addr_type *type, const char *groups)
{
	for (unsigned int bit = 0; bit < OPT_GROUPS; bit++)
		assert_int_equal(type->groups >> bit & 1,
				 str_word_is(groups, opt_group_name(bit)));
}

static void test_keywords(void **state)
{
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct addr_type *first = NULL;
		const char *names = expected[i].names;

		print_message("%s\n", names);
		if (*openssl_missing && strstr(expected[i].groups, "OPENSSL"))
			continue; /* built without */
		for (const char *w = str_word(names, &len); w; w = str_word(w + len, &len)) {
			auto_free char *name = str_copy_n(w, len);
			const struct addr_type *type = addr_find(name);

			assert_non_null(type);
			assert_true(!first || type == first);
			first = type;
			check_params(w, len, expected[i].min_params, expected[i].max_params);
			for (char *c = name; *c; c++)
				*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
			assert_ptr_equal(addr_find(name), type);
		}
		assert_int_equal(first->direction, expected[i].direction);
		check_groups(first, expected[i].groups);
	}
}

static bool is_expected(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (str_word_is(expected[i].names, name))
			return true;
	return false;
}

/* Every row is complete, every name is in the table above and in one row only. */
static void test_rows(void **state)
{
	size_t len;

	(void)state;
	for (const struct addr_table *const *t = addr_tables; *t; t++) {
		for (size_t i = 0; i < (*t)->n; i++) {
			const struct addr_type *type = &(*t)->rows[i];

			print_message("%s\n", type->names);
			assert_true(type->help && *type->help);
			assert_non_null(type->params);
			assert_true(type->groups & GROUP_FD);
			assert_true(type->direction >= DIR_READ && type->direction <= DIR_BOTH);
			assert_true(type->min_params <= type->max_params);
			assert_true(type->max_params <= ADDR_PARAMS_MAX);
			assert_true(!type->open != !type->listen); /* one of them */
			for (const char *w = str_word(type->names, &len); w;
			     w = str_word(w + len, &len)) {
				auto_free char *name = str_copy_n(w, len);

				assert_true(is_expected(name));
				assert_ptr_equal(addr_find(name), type);
			}
		}
	}
	assert_null(addr_find(""));
	assert_null(addr_find("TC"));
	assert_null(addr_find("TCP INET"));
}

/* Forms without a keyword, and what comes out of them. */
static const struct {
	const char *text, *keyword; /* of the row that is found */
	const char *params[ADDR_PARAMS_MAX];
} forms[] = {
	{ "-", "STDIO", { NULL } },
	{ "stdio", "STDIO", { NULL } },
	{ "0", "FD", { "0" } },
	{ "9", "FD", { "9" } },
	{ "/tmp/x", "GOPEN", { "/tmp/x" } },
	{ "./x", "GOPEN", { "./x" } },
	{ "x/", "GOPEN", { "x/" } },
	{ "/tmp/a\\:b\\,c", "GOPEN", { "/tmp/a:b,c" } },
	{ "\"/tmp/a:b\"", "GOPEN", { "/tmp/a:b" } },
	{ "tcp:[::1]:80", "TCP-CONNECT", { "[::1]", "80" } },
	{ "TEXT:a\\,b", "TEXT", { "a,b" } },
	{ "EXEC:'a b,c'", "EXEC", { "a b,c" } },
	{ "PIPE", "PIPE", { NULL } },
	{ "PIPE:x", "PIPE", { "x" } },
	{ "TCP:\"h\":8'0'", "TCP-CONNECT", { "h", "80" } },

	/* bash's network paths */
	{ "/dev/tcp/127.0.0.1/80", "TCP-CONNECT", { "127.0.0.1", "80" } },
	{ "/dev/udp/127.0.0.1/53", "UDP-CONNECT", { "127.0.0.1", "53" } },
	{ "/dev/tcp/localhost/http", "TCP-CONNECT", { "localhost", "http" } },
	{ "/dev/tcp/::1/80", "TCP-CONNECT", { "::1", "80" } },
	{ "/dev/tcp/[::1]/80", "TCP-CONNECT", { "[::1]", "80" } },
	{ "/dev/udp/2001:db8::1/80", "UDP-CONNECT", { "2001:db8::1", "80" } },
	{ "/dev/tcp/::1/80,nodelay", "TCP-CONNECT", { "::1", "80" } },
	{ "'/dev/tcp/127.0.0.1/80'", "TCP-CONNECT", { "127.0.0.1", "80" } },
	{ "\"/dev/udp/::1/80\"", "UDP-CONNECT", { "::1", "80" } },
	{ "/dev/tcp/\\:\\:1/80", "TCP-CONNECT", { "::1", "80" } },
	{ "/d\\ev/tcp/h/80", "TCP-CONNECT", { "h", "80" } },
	{ "OPEN:/dev/tcp/127.0.0.1/80", "TCP-CONNECT", { "127.0.0.1", "80" } },
	{ "GOPEN:/dev/udp/::1/80", "UDP-CONNECT", { "::1", "80" } },
	{ "OPEN:'/dev/tcp/::1/80'", "TCP-CONNECT", { "::1", "80" } },
	{ "/dev/tcp", "GOPEN", { "/dev/tcp" } },
	{ "/dev/tcpx/a/b", "GOPEN", { "/dev/tcpx/a/b" } },
	{ "./dev/tcp/a/b", "GOPEN", { "./dev/tcp/a/b" } },
};

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		auto_address_pair pair = { 0 };
		struct err err = { 0 };
		size_t n = 0;

		print_message("%s\n", forms[i].text);
		assert_int_equal(address_parse(forms[i].text, &context, &pair, &err), 0);
		assert_int_equal(pair.n, 1);
		assert_ptr_equal(pair.part[0].type, addr_find(forms[i].keyword));
		for (; n < ADDR_PARAMS_MAX && forms[i].params[n]; n++) {
			assert_true(n < pair.part[0].n_params);
			assert_string_equal(pair.part[0].params[n], forms[i].params[n]);
			assert_int_equal(pair.part[0].param_len[n], strlen(forms[i].params[n]));
		}
		assert_int_equal(pair.part[0].n_params, n);
	}
}

static const struct {
	const char *text;
	int column, length;
	const char *reason;
} bad[] = {
	{ "", 0, 1, "unknown device/address \"\"" },
	{ "XYZZY", 0, 5, "unknown device/address \"XYZZY\"" },
	{ "10", 0, 2, "unknown device/address \"10\"" }, /* only one digit is FD */
	{ "TPC:h:1", 0, 3, "unknown device/address \"TPC\"; did you mean \"TCP\"?" },
	{ "tcp-listn:1", 0, 9, "; did you mean \"TCP-LISTEN\"?" },
	{ "-!!TPC:h:1", 3, 3, "unknown device/address \"TPC\"" },
	{ "STDIO:1", 0, 7, "STDIO: wrong number of parameters (1 instead of 0)" },
	{ "TCP:h", 0, 5, "TCP: wrong number of parameters (1 instead of 2): usage: TCP:" },
	{ "TEXT:a:b", 0, 8, "TEXT: wrong number of parameters (2 instead of 1)" },
	{ "./a:b", 0, 5, "./a: wrong number of parameters" },
	{ "5:6", 0, 3, "5: wrong number of parameters" },
	{ "TCP:::1:80", 0, 10, "wrong number of parameters" },
	{ "-,nosuch", 2, 6, "unknown option \"nosuch\"" },
	{ "-,fork", 2, 4, "option \"fork\" not supported with this address type" },
	{ "TCP:h:1,bind", 8, 4, "option \"bind\": value required" },
	{ "TCP:h:1,nodelay=x", 16, 1, "missing numerical value" },
	{ "TEXT:'", 5, 1, "unexpected end of address" },
	{ "-!!-!!-", 4, 2, "more than one \"!!\"" },

	{ "/dev/tcp/", 0, 9, "usage: /dev/tcp/<host>/<port>" },
	{ "/dev/tcp/h", 0, 10, "usage: /dev/tcp/<host>/<port>" },
	{ "/dev/tcp/h/", 0, 11, "usage: /dev/tcp/<host>/<port>" },
	{ "/dev/tcp//80", 0, 12, "usage: /dev/tcp/<host>/<port>" },
	{ "/dev/tcp/::1", 0, 12, "usage: /dev/tcp/<host>/<port>" },
	{ "/dev/udp/h", 0, 10, "usage: /dev/udp/<host>/<port>" },
	{ "OPEN:/dev/udp/h", 5, 10, "usage: /dev/udp/<host>/<port>" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct address_pair pair = { .n = 4711 };
		struct err err = { 0 };

		print_message("%s\n", bad[i].text);
		assert_int_equal(address_parse(bad[i].text, &context, &pair, &err), -EINVAL);
		assert_non_null(strstr(err.text, bad[i].reason));
		assert_int_equal(err.column, bad[i].column);
		assert_int_equal(err.length, bad[i].length);
		assert_int_equal(pair.n, 4711);
	}
}

static void test_dual(void **state)
{
	auto_address_pair pair = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(address_parse("STDIN,ignoreeof!!TCP:h:1,crnl", &context, &pair, &err), 0);
	assert_int_equal(pair.n, 2);
	assert_string_equal(pair.part[0].keyword, "STDIN");
	assert_true(pair.part[0].settings.ignoreeof);
	assert_int_equal(pair.part[0].settings.newline, NEWLINE_NONE);
	assert_string_equal(pair.part[1].keyword, "TCP");
	assert_int_equal(pair.part[1].settings.newline, NEWLINE_CRNL);
	assert_false(pair.part[1].settings.ignoreeof);
	address_done(&pair);
	assert_int_equal(pair.n, 0);
}

/* -g takes options of any group. */
static void test_any_group(void **state)
{
	struct addr_context any = context;
	auto_address_pair pair = { 0 };
	struct err err = { 0 };

	(void)state;
	any.any_group = true;
	assert_int_equal(address_parse("-,fork,nodelay", &any, &pair, &err), 0);
	assert_true(pair.part[0].settings.fork);
}

static void test_defaults(void **state)
{
	auto_address_pair pair = { 0 };
	const struct settings *s = &pair.part[0].settings;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(address_parse("TCP-LISTEN:1", &context, &pair, &err), 0);
	assert_int_equal(s->escape, -1);
	assert_int_equal(s->umask, -1);
	assert_int_equal(s->unlink_close, -1);
	assert_int_equal(s->interval, 1000000);
	assert_int_equal(s->backlog, 0); /* as the context says */
	assert_int_equal(s->type, -1);
	assert_int_equal(s->protocol, -1);
	assert_int_equal(s->sourceport, -1);
	assert_int_equal(s->fdin, -1);
	assert_int_equal(s->fdout, -1);
	assert_int_equal(s->retry, 0);
	assert_int_equal(s->max_children, 0);
	assert_int_equal(s->readbytes, 0);
	assert_int_equal(s->shut, 0);
	assert_int_equal(s->accept_timeout, 0);
	assert_int_equal(s->connect_timeout, 0);
	assert_int_equal(s->newline, NEWLINE_NONE);
	assert_null(s->bind);
	assert_null(s->range);
	assert_null(s->lockfile);
	assert_false(s->fork || s->forever || s->ignoreeof || s->lowport || s->end_close);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keywords), TEST(test_rows),	   TEST(test_forms),	TEST(test_bad),
		TEST(test_dual),     TEST(test_any_group), TEST(test_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
