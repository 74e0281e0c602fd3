/* SPDX-License-Identifier: MIT */
/* Control messages to facts: each message there is, cut short at each place, and
 * nonsense. */

#include "net/ancillary.h"

#include "base/buf.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <cmocka.h>

/* "TYPE: NAME=VALUE VARIABLE;" for each fact. */
static void collect(void *context, const struct ancillary_fact *fact)
{
	buf_format(context, "%s: %s=%s %s;", fact->type, fact->name, fact->value,
		   fact->variable ? fact->variable : "-");
}

static char *interface(unsigned int index, char *out)
{
	if (index != 7)
		return NULL;
	(void)snprintf(out, IF_NAMESIZE, "seven");
	return out;
}

static const struct timeval moment = { .tv_sec = 86400, .tv_usec = 42 };
static const struct ucred sender = { .pid = 12, .uid = 34, .gid = 56 };
static const struct in_pktinfo info4 = { .ipi_ifindex = 7,
					 .ipi_spec_dst.s_addr = 0x0100007f,
					 .ipi_addr.s_addr = 0x010000e0 };
static const struct in6_pktinfo info6 = { .ipi6_addr = { { { [15] = 1 } } }, .ipi6_ifindex = 8 };
static const int ttl = 53, class = 0xaa;
static const uint8_t tos = 7, bytes[] = { 1, 0, 0xff };
static const struct sock_extended_err trouble = { .ee_errno = 111,
						  .ee_origin = 2,
						  .ee_type = 3,
						  .ee_code = 4,
						  .ee_info = 5,
						  .ee_data = 6 };
static const struct ip6_mtuinfo mtu = { .ip6m_mtu = 1280 };

#define ROW(level, type, object, text) { level, type, &(object), sizeof(object), text }

static const struct {
	int level, type;
	const void *data;
	size_t len;
	const char *text;
} rows[] = {
	ROW(SOL_SOCKET, SCM_TIMESTAMP, moment,
	    "SCM_TIMESTAMP: timestamp=Fri Jan  2 00:00:00 1970, 000042 usecs TIMESTAMP;"),
	ROW(SOL_SOCKET, SCM_CREDENTIALS, sender,
	    "SCM_CREDENTIALS: pid=12 CREDENTIALS_PID;SCM_CREDENTIALS: uid=34 CREDENTIALS_UID;"
	    "SCM_CREDENTIALS: gid=56 CREDENTIALS_GID;"),
	ROW(IPPROTO_IP, IP_PKTINFO, info4,
	    "IP_PKTINFO: if=seven IP_IF;IP_PKTINFO: locaddr=127.0.0.1 IP_LOCADDR;"
	    "IP_PKTINFO: dstaddr=224.0.0.1 IP_DSTADDR;"),
	ROW(IPPROTO_IP, IP_TTL, ttl, "IP_TTL: ttl=53 IP_TTL;"),
	ROW(IPPROTO_IP, IP_TOS, tos, "IP_TOS: tos=7 IP_TOS;"),
	ROW(IPPROTO_IP, IP_RECVOPTS, bytes, "IP_OPTIONS: options=x0100ff IP_OPTIONS;"),
	ROW(IPPROTO_IP, IP_RETOPTS, bytes, "IP_RETOPTS: options=x0100ff IP_RETOPTS;"),
	ROW(IPPROTO_IP, IP_RECVERR, trouble,
	    "IP_RECVERR: errno=111 IP_RECVERR_ERRNO;IP_RECVERR: origin=2 IP_RECVERR_ORIGIN;"
	    "IP_RECVERR: type=3 IP_RECVERR_TYPE;IP_RECVERR: code=4 IP_RECVERR_CODE;"
	    "IP_RECVERR: info=5 IP_RECVERR_INFO;IP_RECVERR: data=6 IP_RECVERR_DATA;"),
	ROW(IPPROTO_IPV6, IPV6_PKTINFO, info6,
	    "IPV6_PKTINFO: dstaddr=[0000:0000:0000:0000:0000:0000:0000:0001] IPV6_DSTADDR;"
	    "IPV6_PKTINFO: if=8 IPV6_IF;"),
	ROW(IPPROTO_IPV6, IPV6_HOPLIMIT, ttl, "IPV6_HOPLIMIT: hoplimit=53 IPV6_HOPLIMIT;"),
	ROW(IPPROTO_IPV6, IPV6_TCLASS, class, "IPV6_TCLASS: tclass=x000000aa IPV6_TCLASS;"),
	ROW(IPPROTO_IPV6, IPV6_RTHDR, bytes, "IPV6_RTHDR: rthdr=x0100ff IPV6_RTHDR;"),
	ROW(IPPROTO_IPV6, IPV6_DSTOPTS, bytes, "IPV6_DSTOPTS: dstopts=x0100ff IPV6_DSTOPTS;"),
	ROW(IPPROTO_IPV6, IPV6_HOPOPTS, bytes, "IPV6_HOPOPTS: hopopts=x0100ff IPV6_HOPOPTS;"),
	ROW(IPPROTO_IPV6, IPV6_PATHMTU, mtu, "IPV6_PATHMTU: mtu=1280 IPV6_PATHMTU;"),
	ROW(IPPROTO_IPV6, IPV6_RECVERR, trouble,
	    "IPV6_RECVERR: errno=111 IPV6_RECVERR_ERRNO;"
	    "IPV6_RECVERR: origin=2 IPV6_RECVERR_ORIGIN;IPV6_RECVERR: type=3 IPV6_RECVERR_TYPE;"
	    "IPV6_RECVERR: code=4 IPV6_RECVERR_CODE;IPV6_RECVERR: info=5 IPV6_RECVERR_INFO;"
	    "IPV6_RECVERR: data=6 IPV6_RECVERR_DATA;"),
	ROW(SOL_SOCKET, SCM_RIGHTS, ttl, ""),
	ROW(SOL_SOCKET, 99, bytes, "SOCKET: type_99=x0100ff -;"),
	ROW(IPPROTO_IP, 99, bytes, "IP: type_99=x0100ff -;"),
	ROW(IPPROTO_IPV6, 99, bytes, "IPV6: type_99=x0100ff -;"),
	ROW(4711, 99, bytes, "level_4711: type_99=x0100ff -;"),
};

static size_t put_message(uint8_t *out, size_t i)
{
	struct cmsghdr header = {
		.cmsg_len = CMSG_LEN(rows[i].len),
		.cmsg_level = rows[i].level,
		.cmsg_type = rows[i].type,
	};

	memset(out, 0, CMSG_SPACE(rows[i].len));
	memcpy(out, &header, sizeof(header));
	memcpy(out + CMSG_LEN(0), rows[i].data, rows[i].len);
	return CMSG_SPACE(rows[i].len);
}

static char *decode(const void *control, size_t len)
{
	auto_buf text = { 0 };
	struct ancillary_reader reader = { collect, &text, interface };

	ancillary_decode(control, len, &reader);
	return buf_take(&text);
}

static void test_each(void **state)
{
	uint8_t control[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t len = put_message(control, i);
		auto_free char *text = decode(control, len);

		assert_string_equal(text, rows[i].text);
	}
}

static void test_all_together(void **state)
{
	uint8_t control[4096];
	auto_free char *text = NULL;
	auto_buf expected = { 0 };
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		len += put_message(control + len, i);
		buf_put_text(&expected, rows[i].text);
	}
	text = decode(control, len);
	assert_string_equal(text, buf_text(&expected));
}

/* A buffer that is cut tells only whole messages; a message that says it is shorter
 * tells the facts that are whole. */
static void test_cut(void **state)
{
	uint8_t control[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		(void)put_message(control, i);
		for (size_t len = 0; len < CMSG_LEN(rows[i].len); len++) {
			auto_free uint8_t *exact = mem_copy(control, len);
			auto_free char *text = decode(exact, len);

			assert_string_equal(text, "");
		}
		for (size_t len = 0; len < rows[i].len; len++) {
			struct cmsghdr header = { CMSG_LEN(len), rows[i].level, rows[i].type };
			auto_free uint8_t *exact = mem_copy(control, CMSG_LEN(len));
			auto_free char *text = NULL;

			memcpy(exact, &header, sizeof(header));
			text = decode(exact, CMSG_LEN(len));
			assert_true(strlen(text) <= strlen(rows[i].text));
		}
	}
}

static int visited[4];
static size_t n_visited;

static void visit(int fd)
{
	visited[n_visited++] = fd;
}

static void test_descriptors(void **state)
{
	static const int fds[] = { 5, 9 };
	uint8_t control[CMSG_SPACE(sizeof(fds)) + CMSG_SPACE(sizeof(ttl))];
	struct cmsghdr header = { CMSG_LEN(sizeof(fds)), SOL_SOCKET, SCM_RIGHTS };

	(void)state;
	memset(control, 0, sizeof(control));
	memcpy(control, &header, sizeof(header));
	memcpy(control + CMSG_LEN(0), fds, sizeof(fds));
	(void)put_message(control + CMSG_SPACE(sizeof(fds)), 3); /* a number that is none */
	ancillary_descriptors(control, sizeof(control), visit);
	assert_int_equal(n_visited, 2);
	assert_int_equal(visited[0], 5);
	assert_int_equal(visited[1], 9);
}

static void test_impossible_time(void **state)
{
	struct timeval never = { .tv_sec = INT64_MAX, .tv_usec = -1 };
	uint8_t control[CMSG_SPACE(sizeof(never))];
	struct cmsghdr header = { CMSG_LEN(sizeof(never)), SOL_SOCKET, SCM_TIMESTAMP };
	auto_free char *text = NULL;

	(void)state;
	memset(control, 0, sizeof(control));
	memcpy(control, &header, sizeof(header));
	memcpy(control + CMSG_LEN(0), &never, sizeof(never));
	text = decode(control, sizeof(control));
	assert_non_null(strstr(text, "timestamp=9223372036854775807, "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),	    cmocka_unit_test(test_all_together),
		cmocka_unit_test(test_cut),	    cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_impossible_time),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
