/* SPDX-License-Identifier: MIT */
/*
 * Evaluation, and the bytecode: an interpreter as linux/inet_diag.h describes
 * it must come to the same judgement, for expressions made at random.
 */

#include "names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <linux/inet_diag.h>
#include <stdlib.h>

static bool matches(const char *text, int preferred, const struct sock_record *record)
{
	auto_filter filter = { 0 };
	struct err err = { 0 };

	if (parse_known(text, preferred, &filter, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return filter_matches(&filter, record);
}

static void set_ipv4(struct sock_end *end, uint8_t a, uint8_t d, uint32_t port)
{
	*end = (struct sock_end){ .address = { a, 0, 0, d }, .port = port };
}

static void set_mapped(struct sock_end *end, uint8_t a, uint8_t d, uint32_t port)
{
	*end = (struct sock_end){ .address = { [10] = 0xff, 0xff, a, 0, 0, d }, .port = port };
}

static void ipv4_rules_match_mapped_addresses(void **state)
{
	struct sock_record four = { .family = AF_INET }, mapped = { .family = AF_INET6 };
	struct sock_record six = { .family = AF_INET6, .local.address = { [15] = 1 } };

	(void)state;
	set_ipv4(&four.local, 10, 1, 22);
	set_mapped(&mapped.local, 10, 1, 22);
	assert_true(matches("src 10.0.0.1", 0, &four));
	assert_true(matches("src 10.0.0.1:22", 0, &mapped));
	assert_true(matches("src 10/8", 0, &mapped));
	assert_false(matches("src 10.0.0.2/31", 0, &mapped));
	assert_false(matches("src [::ffff:10.0.0.1]", 0, &four));
	assert_true(matches("src [::ffff:0:0/96]", 0, &mapped));
	assert_false(matches("src 0.0.0.0", 0, &six));
	six.recorded = true; /* there ss compares the first four bytes */
	assert_true(matches("src 0.0.0.0", 0, &six));
	assert_true(matches("src two", 0, &four));
}

static void other_families_have_ports_of_their_own(void **state)
{
	struct sock_record link = { .family = AF_PACKET, .interface = 1, .link_protocol = 0x806 };
	struct sock_record netlink = { .family = AF_NETLINK, .link_protocol = 15,
				       .local.port = (uint32_t)-7 };
	struct sock_record vsock = { .family = AF_VSOCK, .local.port = 1024 };

	(void)state;
	assert_true(matches("src link:arp:lo and not autobound", 0, &link));
	assert_true(matches("dev lo and dport = 0", 0, &link));
	assert_false(matches("src link:0x800", 0, &link));
	assert_true(matches("autobound and dport = -1 and src netlink:uevent:-7", 0, &netlink));
	assert_false(matches("sport >= netlink:0", 0, &netlink));
	assert_true(matches("src vsock:0:1024 and autobound", 0, &vsock));
}

static void unix_names_are_matched_as_shown(void **state)
{
	struct sock_record named = { .family = AF_UNIX, .name = { "\0a\0B", 4 }, .inode = 5,
				     .local.port = 5, .peer.port = 6 };
	struct sock_record unnamed = { .family = AF_UNIX };
	struct sock_record given = { .family = AF_UNIX, .name = { "\0" "0001f", 6 } };

	(void)state;
	assert_true(matches("src unix:@A@b", 0, &named));
	assert_true(matches("src ?a* and dst *", AF_UNIX, &named));
	assert_false(matches("dst ?*", AF_UNIX, &named));
	assert_true(matches("sport = 5 and dport > 5", 0, &named));
	assert_false(matches("src ?*", AF_UNIX, &unnamed));
	assert_true(matches("autobound", 0, &unnamed));
	assert_true(matches("autobound", 0, &given));
	assert_false(matches("autobound", 0, &named));
	assert_false(matches("src 0.0.0.0", 0, &named));
}

/* The kernel's interpreter, without what depends on the running kernel. */
static bool condition_holds(const struct inet_diag_bc_op *op, const struct sock_record *record)
{
	bool local = op->code == INET_DIAG_BC_S_COND;
	const struct sock_end *end = local ? &record->local : &record->peer;
	const struct inet_diag_hostcond *condition = (const void *)(op + 1);
	const uint8_t *address = end->address, *wanted = (const uint8_t *)condition->addr;
	bool mapped = record->family == AF_INET6 && condition->family == AF_INET;
	static const uint8_t prefix[12] = { [10] = 0xff, 0xff };

	if (condition->port != -1 && condition->port != (int)end->port)
		return false;
	if (condition->family && condition->family != record->family) {
		if (!mapped || memcmp(address, prefix, sizeof(prefix)) != 0)
			return false;
		address += sizeof(prefix);
	}
	for (int i = 0; i < condition->prefix_len; i++)
		if ((address[i / 8] ^ wanted[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static bool op_holds(const struct inet_diag_bc_op *op, const struct sock_record *record)
{
	const uint32_t *numbers = (const void *)(op + 1);

	switch (op->code) {
	case INET_DIAG_BC_NOP:
		return true;
	case INET_DIAG_BC_S_EQ:
		return record->local.port == op[1].no;
	case INET_DIAG_BC_D_EQ:
		return record->peer.port == op[1].no;
	case INET_DIAG_BC_S_GE:
		return record->local.port >= op[1].no;
	case INET_DIAG_BC_S_LE:
		return record->local.port <= op[1].no;
	case INET_DIAG_BC_D_GE:
		return record->peer.port >= op[1].no;
	case INET_DIAG_BC_D_LE:
		return record->peer.port <= op[1].no;
	case INET_DIAG_BC_DEV_COND:
		return record->interface == numbers[0];
	case INET_DIAG_BC_MARK_COND:
		return (record->mark & numbers[1]) == numbers[0];
	case INET_DIAG_BC_S_COND:
	case INET_DIAG_BC_D_COND:
		return condition_holds(op, record);
	default:
		assert_int_equal(op->code, INET_DIAG_BC_JMP);
		return false;
	}
}

/* Every jump must lead to an operation, or to the end or four bytes past it. */
static void audit(const struct buf *code)
{
	bool *starts = calloc(code->len + 8, sizeof(*starts));

	assert_non_null(starts);
	starts[code->len] = starts[code->len + 4] = true;
	for (size_t at = 0; at < code->len;) {
		starts[at] = true;
		at += ((const struct inet_diag_bc_op *)(const void *)(code->data + at))->yes;
	}
	for (size_t at = 0; at < code->len;) {
		const struct inet_diag_bc_op *op = (const void *)(code->data + at);

		assert_true(op->yes >= 4 && op->no >= 4 && op->no % 4 == 0 && op->yes % 4 == 0);
		if (op->code != INET_DIAG_BC_NOP) /* which cannot fail */
			assert_true(at + op->no <= code->len + 4 && starts[at + op->no]);
		at += op->yes;
	}
	free(starts);
}

static bool interpret(const struct buf *code, const struct sock_record *record)
{
	size_t at = 0;

	while (at < code->len) {
		const struct inet_diag_bc_op *op = (const void *)(code->data + at);

		at += op_holds(op, record) ? op->yes : op->no;
	}
	return at == code->len;
}

static const char *const conditions[] = {
	"sport = 1", "dport = 1", "sport >= 2", "sport <= 1", "dport > 1", "dport < 3",
	"sport != 2",
	"sport = 70000", "sport <= 70000", "sport >= 70000", "dport = -1", "dport >= -3",
	"src 10.0.0.1", "src 10/8:1", "dst two", "dst two:2", "src [::ffff:0:0/96]", "dst 11/8",
	"src any", "dst [::/0]", "dev lo", "dev != 2", "fwmark 1", "fwmark 2/3", "src *:2",
};

static void put_expression(struct buf *out, int depth)
{
	static const char *const joints[] = { " and ", " or ", " " };
	int choice = rand() % 6;

	if (depth == 0 || choice == 0) {
		buf_put_text(out, conditions[(size_t)rand() % ARRAY_SIZE(conditions)]);
	} else if (choice == 1) {
		buf_put_text(out, "not ");
		put_expression(out, depth - 1);
	} else {
		buf_put_text(out, "( ");
		put_expression(out, depth - 1);
		buf_put_text(out, joints[rand() % 3]);
		put_expression(out, depth - 1);
		buf_put_text(out, choice == 2 ? " ) or sport 3" : " )");
		if (choice == 2)
			return;
	}
}

static struct sock_record random_record(void)
{
	struct sock_record record = {
		.family = rand() % 2 ? AF_INET : AF_INET6,
		.interface = (uint32_t)rand() % 3,
		.mark = (uint32_t)rand() % 4,
	};
	bool six = record.family == AF_INET6;

	(six ? set_mapped : set_ipv4)(&record.local, (uint8_t)(10 + rand() % 2),
				      (uint8_t)(rand() % 3), (uint32_t)rand() % 4);
	(six ? set_mapped : set_ipv4)(&record.peer, (uint8_t)(10 + rand() % 2),
				      (uint8_t)(rand() % 3), (uint32_t)rand() % 4);
	if (six && rand() % 2)
		record.local.address[0] = 0xfe;
	return record;
}

static void bytecode_judges_as_we_do(void **state)
{
	(void)state;
	srand(7);
	for (int i = 0; i < 3000; i++) {
		auto_buf text = { 0 }, code = { 0 };
		auto_filter filter = { 0 };
		struct err err = { 0 };

		put_expression(&text, rand() % 6);
		if (parse_known(buf_text(&text), AF_UNSPEC, &filter, &err) < 0)
			fail_msg("%s: %s", buf_text(&text), err.text);
		assert_true(filter_compile(&filter, &code));
		audit(&code);
		for (int j = 0; j < 20; j++) {
			struct sock_record record = random_record();

			if (interpret(&code, &record) != filter_matches(&filter, &record))
				fail_msg("%s", buf_text(&text));
		}
	}
}

static void what_the_kernel_cannot_judge_is_not_compiled(void **state)
{
	static const char *const texts[] = { "", "src unix:a or sport 1", "src link:arp",
					     "not autobound or dev lo" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		auto_filter filter = { 0 };
		auto_buf code = { 0 };

		assert_int_equal(parse_known(texts[i], AF_UNSPEC, &filter, NULL), 0);
		assert_false(filter_compile(&filter, &code));
		assert_int_equal(code.len, 0);
	}
}

static void a_long_program_is_not_sent(void **state)
{
	auto_buf text = { 0 }, code = { 0 };
	auto_filter filter = { 0 };

	(void)state;
	buf_put_text(&text, "sport 1");
	for (int i = 0; i < FILTER_BYTECODE_MAX / 12; i++)
		buf_put_text(&text, " or sport 2");
	assert_int_equal(parse_known(buf_text(&text), AF_UNSPEC, &filter, NULL), 0);
	assert_false(filter_compile(&filter, &code));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_rules_match_mapped_addresses),
		cmocka_unit_test(other_families_have_ports_of_their_own),
		cmocka_unit_test(unix_names_are_matched_as_shown),
		cmocka_unit_test(bytecode_judges_as_we_do),
		cmocka_unit_test(what_the_kernel_cannot_judge_is_not_compiled),
		cmocka_unit_test(a_long_program_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
