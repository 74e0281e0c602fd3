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

static void put_items(const struct sock_bytes *info, const struct item *items, size_t count,
		      struct text *text)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value = sock_bytes_number(info, items[i].offset, items[i].size);

		if (!value)
			continue;
		text_put(text, items[i].label);
		text_unsigned(text, value);
	}
}

static void put_flags(const struct sock_bytes *info, struct text *text)
{
	static const struct item flags = ITEM(flags), token = ITEM(token);
	uint64_t set = sock_bytes_number(info, flags.offset, flags.size);
	uint64_t value = sock_bytes_number(info, token.offset, token.size);

	if (set & FLAG_FALLBACK)
		text_put(text, " fallback");
	if (set & FLAG_REMOTE_KEY)
		text_put(text, " remote_key");
	if (value) {
		text_put(text, token.label);
		text_hex(text, value);
	}
}

void put_mptcp_info(const struct sock_record *record, struct text *text)
{
	if (!(record->has & HAS_INFO))
		return;
	put_items(&record->info, before_flags, ARRAY_SIZE(before_flags), text);
	put_flags(&record->info, text);
	put_items(&record->info, after_token, ARRAY_SIZE(after_token), text);
}
