/* SPDX-License-Identifier: MIT */
/* What -i says of MPTCP sockets. */

#include "diag/tcp_info.h"
#include "report/tcp_info.h"

enum { FLAG_FALLBACK = 1 << 0, FLAG_REMOTE_KEY = 1 << 1 };

#define ITEM(field_)                                                                            \
	{                                                                                       \
		.label = " " #field_ ":", .offset = offsetof(struct kernel_mptcp_info, field_), \
		.size = sizeof(((struct kernel_mptcp_info *)0)->field_)                         \
	}

static const struct item {
	const char *label;
	size_t offset, size;
} before_flags[] = {
	ITEM(subflows),
	ITEM(add_addr_signal),
	ITEM(add_addr_accepted),
	ITEM(subflows_max),
	ITEM(add_addr_signal_max),
	ITEM(add_addr_accepted_max),
}, after_token[] = {
	ITEM(write_seq),
	ITEM(snd_una),
	ITEM(rcv_nxt),
	ITEM(local_addr_used),
	ITEM(local_addr_max),
	ITEM(csum_enabled),
	ITEM(retransmits),
	ITEM(bytes_retrans),
	ITEM(bytes_sent),
	ITEM(bytes_received),
	ITEM(bytes_acked),
	ITEM(subflows_total),
	ITEM(endp_laminar_max),
	ITEM(last_data_sent),
	ITEM(last_data_recv),
	ITEM(last_ack_recv),
};

static uint64_t read_field(const struct kernel_mptcp_info *info, const struct item *item)
{
	const char *field = (const char *)info + item->offset;
	uint64_t whole;
	uint32_t half;

	if (item->size == sizeof(whole)) {
		memcpy(&whole, field, sizeof(whole));
		return whole;
	}
	if (item->size == sizeof(half)) {
		memcpy(&half, field, sizeof(half));
		return half;
	}
	return *(const uint8_t *)field;
}

static void put_items(const struct kernel_mptcp_info *info, const struct item *items, size_t count,
		      struct text *text)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value = read_field(info, &items[i]);

		if (!value)
			continue;
		text_put(text, items[i].label);
		text_unsigned(text, value);
	}
}

void put_mptcp_info(const struct sock_record *record, struct text *text)
{
	struct kernel_mptcp_info info = { 0 };

	if (!(record->has & HAS_INFO))
		return;
	if (record->info.len)
		memcpy(&info, record->info.data, MIN(sizeof(info), record->info.len));
	put_items(&info, before_flags, ARRAY_SIZE(before_flags), text);
	if (info.flags & FLAG_FALLBACK)
		text_put(text, " fallback");
	if (info.flags & FLAG_REMOTE_KEY)
		text_put(text, " remote_key");
	if (info.token) {
		text_put(text, " token:");
		text_hex(text, info.token);
	}
	put_items(&info, after_token, ARRAY_SIZE(after_token), text);
}
