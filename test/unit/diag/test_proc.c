/* SPDX-License-Identifier: MIT */
/* Lines and files of /proc. */

#include "diag/family.h"
#include "diag/proc.h"
#include "diag/scan.h"
#include "diag/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

static int parse(const struct diag_family *family, uint8_t half, const char *line,
		 struct sock_record *ret)
{
	*ret = (struct sock_record){ .table = family->table, .family = half };
	return family->parse(line, strlen(line), ret);
}

static void a_line_of_tcp_is_a_record(void **state)
{
	static const char line[] =
		"   1: 0100007F:0050 0200000A:9C41 01 00000010:00000020 01:00000014 00000002  1000"
		"        3 70002 2 ffff888012345678 20 4 30 10 7 more";
	struct sock_record r;

	(void)state;
	assert_int_equal(parse(&diag_tcp, AF_INET, line, &r), 0);
	assert_memory_equal(r.local.address, "\x7f\0\0\1", 4);
	assert_memory_equal(r.peer.address, "\x0a\0\0\2", 4);
	assert_int_equal(r.local.port, 80);
	assert_int_equal(r.peer.port, 40001);
	assert_int_equal(r.state, SOCK_ESTABLISHED);
	assert_int_equal(r.send_queue, 16);
	assert_int_equal(r.receive_queue, 32);
	assert_int_equal(r.timer, TIMER_RETRANSMIT);
	assert_int_equal(r.timer_ms, 200);
	assert_int_equal(r.retransmits, 2);
	assert_int_equal(r.uid, 1000);
	assert_int_equal(r.inode, 70002);
	assert_int_equal(r.cookie, 0xffff888012345678);
	assert_int_equal(r.proc_tcp.rto_ms, 200);
	assert_int_equal(r.proc_tcp.ato_ms, 40);
	assert_int_equal(r.proc_tcp.quick_acks, 15);
	assert_int_equal(r.proc_tcp.cwnd, 10);
	assert_int_equal(r.proc_tcp.ssthresh, 7);
	assert_int_equal(r.rest.len, 4);
	assert_true(r.over_proc);
}

static void other_timers_count_probes_and_short_lines_have_no_window(void **state)
{
	struct sock_record r;

	(void)state;
	assert_int_equal(parse(&diag_tcp, AF_INET,
			       "  2: 0100000A:1770 0200000A:0016 06 00000000:00000000 03:00000C00 "
			       "00000007     0        4 0 3 0000000000000000 ",
			       &r),
			 0);
	assert_int_equal(r.retransmits, 4);
	assert_int_equal(r.timer_ms, 30720);
	assert_int_equal(r.proc_tcp.cwnd, 2);
	assert_int_equal(r.rest.len, 0);
}

static void a_line_of_tcp6_is_a_record(void **state)
{
	static const char line[] =
		"   3: B80D0120020001000400030006000500:FFFF "
		"B80D0120000000000000000006000000:1F90 04 00000000:00000000 00:00000000 00000000"
		"     0        0 70024 1 0000000000000000 100 0 0 10 0";
	struct sock_record r;

	(void)state;
	assert_int_equal(parse(&diag_tcp, AF_INET6, line, &r), 0);
	assert_memory_equal(r.local.address, "\x20\x01\x0d\xb8\0\1\0\2\0\3\0\4\0\5\0\6", 16);
	assert_int_equal(r.local.port, 65535);
	assert_int_equal(r.peer.port, 8080);
	assert_int_equal(parse(&diag_tcp, AF_INET, line, &r), -EBADMSG);
}

static void a_line_of_udp_has_no_details(void **state)
{
	struct sock_record r;

	(void)state;
	assert_int_equal(parse(&diag_udp, AF_INET,
			       " 100: 0100007F:0035 00000000:0000 07 00000000:00000840 00:00000000 "
			       "00000000   101        0 70031 2 0000000000000000 3",
			       &r),
			 0);
	assert_int_equal(r.state, SOCK_CLOSE);
	assert_int_equal(r.local.port, 53);
	assert_int_equal(r.receive_queue, 2112);
	assert_int_equal(r.inode, 70031);
	assert_false(r.has & HAS_DETAILS);
}

static void lines_that_are_none_are_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"x",
		"1:",
		"  1: 0100007F",
		"  1: 0100007F:0050 0200000A:9C41",
		"  1: 0100007F:0050 0200000A:9C41 01",
		"  1: 01:0050 0200000A:9C41 01 0:0",
		"  1: 0100007F:0050 0200000A:9C41 FF 0:0",
		"  1: ZZ00007F:0050 0200000A:9C41 01 0:0",
		"  1 0100007F:0050 0200000A:9C41 01 0:0",
	};
	struct sock_record r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(parse(&diag_tcp, AF_INET, lines[i], &r), -EBADMSG);
		assert_int_equal(parse(&diag_raw, AF_INET, lines[i], &r), -EBADMSG);
		assert_int_equal(parse(&diag_unix, AF_UNIX, lines[i], &r), -EBADMSG);
	}
}

static void lines_of_unix_are_records(void **state)
{
	static const struct {
		const char *line;
		enum diag_table table;
		enum sock_state state;
		const char *name;
	} rows[] = {
		{ "0: 2 0 00010000 0001 01 7 /run/a b", DIAG_UNIX_STREAM, SOCK_LISTEN, "/run/a" },
		{ "0: 3 0 00000000 0001 03 7", DIAG_UNIX_STREAM, SOCK_ESTABLISHED, "" },
		{ "0: 2 0 00000000 0002 01 7 @", DIAG_UNIX_DGRAM, SOCK_CLOSE, "@" },
		{ "8f090e4d: 2 0 0 0002 01 7", DIAG_UNIX_DGRAM, SOCK_ESTABLISHED, "" },
		{ "0: 2 0 00000000 0005 02 7 /x", DIAG_UNIX_SEQPACKET, SOCK_SYN_SENT, "/x" },
		{ "0: 2 0 00000000 0001 04 7", DIAG_UNIX_STREAM, SOCK_CLOSING, "" },
	};
	struct sock_record r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(parse(&diag_unix, AF_UNIX, rows[i].line, &r), 0);
		assert_int_equal(r.table, rows[i].table);
		assert_int_equal(r.state, rows[i].state);
		assert_int_equal(r.inode, 7);
		assert_int_equal(r.name.len, strlen(rows[i].name));
		assert_memory_equal(r.name.data, rows[i].name, r.name.len);
	}
}

static void lines_of_packet_and_netlink_are_records(void **state)
{
	struct sock_record r;

	(void)state;
	assert_int_equal(parse(&diag_packet, AF_PACKET,
			       "ffff888012345002 3      3    0800   42 1 2000   7      72002", &r),
			 0);
	assert_int_equal(r.table, DIAG_PACKET_RAW);
	assert_int_equal(r.link_protocol, 0x800);
	assert_int_equal(r.interface, 42);
	assert_int_equal(r.receive_queue, 2000);
	assert_int_equal(r.uid, 7);
	assert_int_equal(r.inode, 72002);
	assert_int_equal(parse(&diag_packet, AF_PACKET, "sk 3 3 0800", &r), -EBADMSG);

	assert_int_equal(parse(&diag_netlink, AF_NETLINK,
			       "000000000000001c 16  -12345     80000000 2800     196      0     2"
			       "        0        73028",
			       &r),
			 0);
	assert_int_equal(r.cookie, 0x1c);
	assert_int_equal(r.link_protocol, 16);
	assert_int_equal((int32_t)r.local.port, -12345);
	assert_int_equal(r.netlink.group_mask, 0x80000000);
	assert_int_equal(r.receive_queue, 2800);
	assert_int_equal(r.send_queue, 196);
	assert_int_equal(parse(&diag_netlink, AF_NETLINK, "1c 16 -12345", &r), -EBADMSG);
}

static void files_are_cut_into_lines(void **state)
{
	char text[1024] = "header\none\n\ntwo\n";
	struct proc_lines lines;
	const char *line;
	size_t len;

	(void)state;
	proc_lines_init(&lines, text, strlen(text));
	assert_true(proc_lines_next(&lines, &line, &len) && len == 3);
	assert_true(proc_lines_next(&lines, &line, &len) && len == 0);
	assert_true(proc_lines_next(&lines, &line, &len) && len == 3);
	assert_false(proc_lines_next(&lines, &line, &len));

	/* No line feed, too long a line, and nothing at all end the reading. */
	memset(text + 7, 'x', 254);
	proc_lines_init(&lines, text, 7 + 254);
	assert_false(proc_lines_next(&lines, &line, &len));
	text[7 + 254] = '\n';
	proc_lines_init(&lines, text, 7 + 255);
	assert_true(proc_lines_next(&lines, &line, &len) && len == 254);
	text[7 + 254] = 'x';
	text[7 + 255] = '\n';
	proc_lines_init(&lines, text, 7 + 256);
	assert_false(proc_lines_next(&lines, &line, &len));
	proc_lines_init(&lines, NULL, 0);
	assert_false(proc_lines_next(&lines, &line, &len));
}

static void counters_are_added_up(void **state)
{
	struct diag_summary s = { 0 };

	(void)state;
	diag_summary_sockstat(&s, "sockets: used 216\n"
				  "TCP: inuse 79 orphan 3 tw 4 alloc 104 mem 101\n"
				  "UDP: inuse 8 mem 9\nUDPLITE: inuse 1\nRAW: inuse 5\n"
				  "FRAG: inuse 2 memory 0\n");
	diag_summary_sockstat(&s, "TCP6: inuse 18\nUDP6: inuse 6\nRAW6: inuse 3\nFRAG6: inuse 1");
	diag_summary_snmp(&s, "Ip: A B\nIp: 1 2\nTcp: X CurrEstab Y\nTcp: 1 57 3\n");
	assert_int_equal(s.sockets, 216);
	assert_int_equal(s.tcp4, 79);
	assert_int_equal(s.tcp_orphans, 3);
	assert_int_equal(s.tcp_time_wait, 4);
	assert_int_equal(s.tcp_total, 104);
	assert_int_equal(s.udp4, 8);
	assert_int_equal(s.raw4, 5);
	assert_int_equal(s.fragments4, 2);
	assert_int_equal(s.tcp6, 18);
	assert_int_equal(s.udp6, 6);
	assert_int_equal(s.raw6, 3);
	assert_int_equal(s.fragments6, 1);
	assert_int_equal(s.tcp_established, 57);
}

static void odd_counters_do_no_harm(void **state)
{
	static const char *const texts[] = { "",
					     "\n\n",
					     "TCP:",
					     "TCP: inuse",
					     "Tcp:",
					     "Tcp: a\nTcp:",
					     "Tcp: CurrEstab\nTcp:",
					     "Tcp: CurrEstab\nUdp: 1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct diag_summary s = { 0 };

		diag_summary_sockstat(&s, texts[i]);
		diag_summary_snmp(&s, texts[i]);
		assert_int_equal(s.tcp4, 0);
		assert_int_equal(s.tcp_established, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_tcp_is_a_record),
		cmocka_unit_test(other_timers_count_probes_and_short_lines_have_no_window),
		cmocka_unit_test(a_line_of_tcp6_is_a_record),
		cmocka_unit_test(a_line_of_udp_has_no_details),
		cmocka_unit_test(lines_that_are_none_are_refused),
		cmocka_unit_test(lines_of_unix_are_records),
		cmocka_unit_test(lines_of_packet_and_netlink_are_records),
		cmocka_unit_test(files_are_cut_into_lines),
		cmocka_unit_test(counters_are_added_up),
		cmocka_unit_test(odd_counters_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
