/* SPDX-License-Identifier: MIT */
/* The texts of single cells. */

#include "report/column.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <linux/xdp_diag.h>

static char space[4096];

static struct text begin(void)
{
	return (struct text){ .start = space, .at = space, .end = space + sizeof(space) - 1 };
}

static const char *end(struct text *text)
{
	*text->at = '\0';
	return space;
}

static const char *cell(const struct report_options *options, enum column_id column,
			const struct sock_record *record)
{
	static const struct diag_places places = { .root = "/nowhere" };
	struct report_options all = *options;
	struct text text = begin();
	auto_report report = NULL;

	all.places = &places;
	report = report_new(&all, -1);
	report_put_cell(report, record, column, &text);
	return end(&text);
}

static void durations_are_as_long_as_they_must_be(void **state)
{
	static const struct {
		uint32_t ms;
		const char *text;
	} rows[] = {
		{ 0, "" },
		{ 40, "040ms" },
		{ 1000, "1sec" },
		{ 1001, "1.001sec" },
		{ 9999, "9.999sec" },
		{ 10001, "10sec" },
		{ 60000, "1min" },
		{ 61001, "1min1sec" },
		{ 119000, "1min59sec" },
		{ 600000, "10min" },
		{ 659999, "10min" },
		{ 7199000, "119min" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text text = begin();

		put_duration(&text, rows[i].ms);
		assert_string_equal(end(&text), rows[i].text);
	}
}

static void timers_have_names(void **state)
{
	struct sock_record record = { .table = DIAG_TCP,
				      .family = AF_INET,
				      .has = HAS_DETAILS,
				      .timer = TIMER_KEEPALIVE,
				      .timer_ms = 7199000,
				      .retransmits = 3 };
	struct report_options options = { .timers = true };

	(void)state;
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record), " timer:(keepalive,119min,3)");
	record.timer = 6;
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record), " timer:(unknown,119min,3)");
	record.timer = TIMER_NONE;
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record), "");
}

static void ports_have_names_outside_the_ephemeral_range(void **state)
{
	struct sock_record record = { .table = DIAG_TCP, .family = AF_INET, .local.port = 22 };
	struct report_options options = { 0 };

	(void)state;
	if (!names_protocol(1))
		skip(); /* no netbase here */
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "ssh");
	assert_string_equal(cell(&options, COLUMN_PEER_PORT, &record), "*");
	record.local.port = 3306; /* mysql, but in the range that holds without a file */
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "3306");
	record.table = DIAG_RAW;
	record.local.port = 1;
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "icmp");
	record.local.port = 255;
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "ipproto-255");
	options.numeric = true;
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "255");
}

static void addresses_show_what_is_bound(void **state)
{
	struct sock_record record = { .table = DIAG_TCP, .family = AF_INET };
	struct report_options options = { .numeric = true };

	(void)state;
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "0.0.0.0:");
	memcpy(record.local.address, "\xff\x0a\x00\x64", 4);
	record.interface = 1;
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "255.10.0.100%lo:");
	record = (struct sock_record){ .table = DIAG_TCP, .family = AF_INET6 };
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "*:");
	record.v6only = 1;
	assert_string_equal(cell(&options, COLUMN_PEER, &record), "[::]:");
	record.local.address[15] = 1;
	record.interface = 424242;
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "[::1]%if424242:");
}

static const char *unix_name(const void *name, size_t len)
{
	struct sock_record record = { .table = DIAG_UNIX_STREAM,
				      .family = AF_UNIX,
				      .name = { name, len } };

	return cell(&(struct report_options){ 0 }, COLUMN_LOCAL, &record);
}

static void unix_names_are_paths_or_abstract(void **state)
{
	(void)state;
	assert_string_equal(unix_name(NULL, 0), "* ");
	assert_string_equal(unix_name("/run/x", 6), "/run/x ");
	assert_string_equal(unix_name("/run/x\0rest", 11), "/run/x ");
	assert_string_equal(unix_name("\0a\0b", 4), "@a@b ");
	assert_string_equal(unix_name("\0", 1), "@ ");
}

static void vsock_ends_are_numbers(void **state)
{
	struct sock_record record = { .table = DIAG_VSOCK_STREAM,
				      .family = AF_VSOCK,
				      .type = SOCK_STREAM,
				      .local = { .address = { 2 }, .port = 1024 },
				      .peer = { .port = UINT32_MAX } };
	struct report_options options = { 0 };

	(void)state;
	memset(record.peer.address, 0xff, sizeof(record.peer.address));
	assert_string_equal(cell(&options, COLUMN_NETID, &record), "v_str");
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "2:");
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "1024");
	assert_string_equal(cell(&options, COLUMN_PEER, &record), "*:");
	assert_string_equal(cell(&options, COLUMN_PEER_PORT, &record), "*");
	record.type = SOCK_SEQPACKET;
	assert_string_equal(cell(&options, COLUMN_NETID, &record), "???");
}

static void xdp_rows_are_7_1s(void **state)
{
	struct xdp_diag_ring ring = { .entries = 2048 };
	struct xdp_diag_umem area = { .id = 1,
				      .size = 8192,
				      .num_pages = 2,
				      .chunk_size = 4096,
				      .headroom = 3,
				      .ifindex = 4,
				      .queue_id = 5,
				      .flags = XDP_DU_F_ZEROCOPY,
				      .refs = 6 };
	struct xdp_diag_stats statistics = { .n_rx_dropped = 1, .n_tx_ring_empty = 6 };
	struct sock_record record = { .table = DIAG_XDP,
				      .family = AF_XDP,
				      .state = SOCK_CLOSE,
				      .has = HAS_DETAILS,
				      .inode = 7,
				      .cookie = 0xabc,
				      .interface = 424242,
				      .local = { .port = 2 },
				      .xdp = {
					      .receive_ring = { &ring, sizeof(ring) },
					      .fill_ring = { &ring, sizeof(ring) },
					      .memory = { &area, sizeof(area) },
					      .statistics = { &statistics, sizeof(statistics) } } };
	struct report_options options = { .extended = true, .one_line = true };

	(void)state;
	assert_string_equal(cell(&options, COLUMN_NETID, &record), "xdp");
	assert_string_equal(cell(&options, COLUMN_STATE, &record), "UNCONN");
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "if424242:");
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "q2");
	assert_string_equal(cell(&options, COLUMN_PEER, &record), "*");
	assert_string_equal(cell(&options, COLUMN_PEER_PORT, &record), "");
	assert_string_equal(
		cell(&options, COLUMN_DETAILS, &record),
		" ino:7 sk:abc rx(entries:2048)"
		" umem(id:1,size:8192,num_pages:2,chunk_size:4096,headroom:3,ifindex:4,qid:5,zc:1,"
		"refs:6) fr(entries:2048)"
		" stats(rx dropped:1,rx invalid:0,rx queue full:0,rx fill ring empty:0,"
		"tx invalid:0,tx ring empty:6)");
	record.interface = 0;
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "*");
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "");
}

static void tipc_rows_are_7_1s(void **state)
{
	struct sock_record record = {
		.table = DIAG_TIPC,
		.family = AF_TIPC,
		.type = SOCK_RDM,
		.state = SOCK_CLOSE,
		.has = HAS_DETAILS,
		.inode = 7,
		.local = { .address = { 9 }, .port = 2 },
		.tipc = { .connection_congested = true, .published = true, .drops = 3 }
	};
	struct report_options options = { .tipc_info = true };

	(void)state;
	assert_string_equal(cell(&options, COLUMN_NETID, &record), "ti_rd");
	assert_string_equal(cell(&options, COLUMN_LOCAL, &record), "9:");
	assert_string_equal(cell(&options, COLUMN_LOCAL_PORT, &record), "2");
	assert_string_equal(cell(&options, COLUMN_PEER, &record), "-");
	assert_string_equal(cell(&options, COLUMN_PEER_PORT, &record), "");
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record),
			    "\n type:RDM cong:conn  drop:3  publ");
	record.has |= HAS_PEER;
	record.peer = (struct sock_end){ .address = { 10 }, .port = 11 };
	record.tipc.by_name = true;
	record.tipc.name_type = 12;
	record.tipc.name_instance = 13;
	assert_string_equal(cell(&options, COLUMN_PEER, &record), "10:");
	assert_string_equal(cell(&options, COLUMN_PEER_PORT, &record), "11");
	options.one_line = true;
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record),
			    " type:RDM cong:conn  drop:3  publ via {12,13} ");
}

static void queues_are_signed_and_padded(void **state)
{
	struct sock_record record = { .receive_queue = UINT32_MAX, .send_queue = 1234567 };
	struct report_options options = { 0 };

	(void)state;
	assert_string_equal(cell(&options, COLUMN_RECEIVE_QUEUE, &record), "-1    ");
	assert_string_equal(cell(&options, COLUMN_SEND_QUEUE, &record), "1234567");
}

static void states_that_we_do_not_know_do_no_harm(void **state)
{
	struct sock_record record = { .table = DIAG_TCP, .state = 200 };
	struct report_options options = { 0 };

	(void)state;
	assert_string_equal(cell(&options, COLUMN_STATE, &record), "UNDEF");
	record.state = SOCK_CLOSE;
	assert_string_equal(cell(&options, COLUMN_STATE, &record), "UNCONN");
}

static void memory_shows_as_many_numbers_as_came(void **state)
{
	uint32_t numbers[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	struct sock_record record = { .table = DIAG_UNIX_DGRAM,
				      .has = HAS_MEMORY,
				      .memory = { numbers, sizeof(numbers) } };
	struct report_options options = { .memory = true };

	(void)state;
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record),
			    " skmem:(r1,rb2,t3,tb4,f5,w6,o7,bl8,d9)");
	record.memory.len = 8 * sizeof(*numbers);
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record),
			    " skmem:(r1,rb2,t3,tb4,f5,w6,o7,bl8)");
	record.memory.len = 7 * sizeof(*numbers);
	assert_string_equal(cell(&options, COLUMN_DETAILS, &record),
			    " skmem:(r1,rb2,t3,tb4,f5,w6,o7)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_as_long_as_they_must_be),
		cmocka_unit_test(timers_have_names),
		cmocka_unit_test(ports_have_names_outside_the_ephemeral_range),
		cmocka_unit_test(addresses_show_what_is_bound),
		cmocka_unit_test(unix_names_are_paths_or_abstract),
		cmocka_unit_test(vsock_ends_are_numbers),
		cmocka_unit_test(xdp_rows_are_7_1s),
		cmocka_unit_test(tipc_rows_are_7_1s),
		cmocka_unit_test(queues_are_signed_and_padded),
		cmocka_unit_test(states_that_we_do_not_know_do_no_harm),
		cmocka_unit_test(memory_shows_as_many_numbers_as_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
