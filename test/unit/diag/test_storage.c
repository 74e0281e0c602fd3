/* SPDX-License-Identifier: MIT */
/* What BPF programs keep with a socket: how it is asked for, and what comes. */

#include "diag/family.h"
#include "diag/storage.h"
#include "message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

enum { MAP = 1 << 0, VALUE = 1 << 1, SHORT_MAP = 1 << 2, MAP_BEHIND = 1 << 3, STRANGE = 1 << 4 };

static void add_entry(struct message *message, unsigned int parts, uint32_t map_id)
{
	size_t nest = begin_nest(message, parts & STRANGE ? 7 : SK_DIAG_BPF_STORAGE);

	if (parts & MAP)
		add_u32(message, SK_DIAG_BPF_STORAGE_MAP_ID, map_id);
	if (parts & SHORT_MAP)
		add_attribute(message, SK_DIAG_BPF_STORAGE_MAP_ID, "ab", 2);
	add_attribute(message, SK_DIAG_BPF_STORAGE_PAD, NULL, 0);
	if (parts & VALUE)
		add_attribute(message, SK_DIAG_BPF_STORAGE_MAP_VALUE, "value", 5);
	if (parts & MAP_BEHIND)
		add_u32(message, SK_DIAG_BPF_STORAGE_MAP_ID, map_id);
	end_nest(message, nest);
}

static void entries_have_a_map_and_a_value(void **state)
{
	static const struct {
		unsigned int entries[3]; /* of maps 1, 2 and 3; 0: no entry */
		uint32_t maps[4];	 /* that are found; 0: the end */
	} cases[] = {
		{ { 0 }, { 0 } },
		{ { MAP | VALUE }, { 1 } },
		{ { VALUE | MAP_BEHIND, MAP | VALUE, MAP | VALUE }, { 1, 2, 3 } },
		{ { MAP, VALUE, SHORT_MAP | VALUE }, { 0 } },
		{ { MAP | VALUE | STRANGE, MAP, MAP | VALUE }, { 3 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct message message = { 0 };
		struct sock_storage storage;
		struct sock_bytes rest;
		size_t found = 0;

		for (uint32_t entry = 0; entry < ARRAY_SIZE(cases[i].entries); entry++)
			if (cases[i].entries[entry])
				add_entry(&message, cases[i].entries[entry], entry + 1);
		rest = (struct sock_bytes){ message.data, message.len };
		while (storage_next(&rest, &storage)) {
			assert_int_equal(storage.map_id, cases[i].maps[found++]);
			assert_int_equal(storage.value.len, 5);
			assert_memory_equal(storage.value.data, "value", 5);
		}
		assert_int_equal(cases[i].maps[found], 0);
	}
}

static void a_message_is_cut_anywhere(void **state)
{
	struct message message = { 0 };
	struct sock_storage storage;

	(void)state;
	add_entry(&message, MAP | VALUE, 1);
	add_entry(&message, MAP | VALUE, 2);
	for (size_t len = 0; len <= message.len; len++) {
		struct sock_bytes rest = { message.data, len };
		size_t found = 0;

		while (storage_next(&rest, &storage))
			found++;
		assert_int_equal(found, len < message.len / 2 ? 0 : len < message.len ? 1 : 2);
	}
}

static void an_inet_message_carries_them(void **state)
{
	struct inet_diag_msg base = { .idiag_family = AF_INET };
	struct sock_record record = { .table = DIAG_TCP };
	struct message message = { 0 };
	struct sock_storage storage;
	size_t nest;

	(void)state;
	add(&message, &base, sizeof(base));
	nest = begin_nest(&message, INET_DIAG_SK_BPF_STORAGES);
	add_entry(&message, MAP | VALUE, 12);
	end_nest(&message, nest);
	assert_int_equal(diag_tcp.decode(message.data, message.len, &record), 0);
	assert_true(storage_next(&record.storages, &storage));
	assert_int_equal(storage.map_id, 12);
	assert_false(storage_next(&record.storages, &storage));
}

static void maps_are_asked_for_by_descriptor(void **state)
{
	static const int maps[] = { 5, 6 };
	struct diag_query query = { .storages = true };
	struct message all = { 0 }, two = { 0 };
	size_t nest;

	(void)state;
	(void)begin_nest(&all, INET_DIAG_REQ_SK_BPF_STORAGES);
	nest = begin_nest(&two, INET_DIAG_REQ_SK_BPF_STORAGES);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		add_attribute(&two, SK_DIAG_BPF_STORAGE_REQ_MAP_FD, &maps[i], sizeof(maps[i]));
	end_nest(&two, nest);

	for (int named = 0; named < 2; named++) {
		const struct message *wanted = named ? &two : &all;
		auto_buf request = { 0 };

		query.maps = maps;
		query.maps_count = named ? ARRAY_SIZE(maps) : 0;
		diag_tcp.request(&diag_tcp, &query, AF_INET, &request);
		assert_int_equal(request.len, sizeof(struct inet_diag_req_v2) + wanted->len);
		assert_memory_equal((char *)request.data + sizeof(struct inet_diag_req_v2),
				    wanted->data, wanted->len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_have_a_map_and_a_value),
		cmocka_unit_test(a_message_is_cut_anywhere),
		cmocka_unit_test(an_inet_message_carries_them),
		cmocka_unit_test(maps_are_asked_for_by_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
