/* SPDX-License-Identifier: MIT */
/* What -i and -m say of sctp sockets and associations. */

#include "report/tcp_info.h"

#include <arpa/inet.h>
#include <linux/sctp.h>

const char *sctp_state_name(uint32_t state)
{
	static const char *const names[] = {
		"CLOSED",	    "COOKIE_WAIT",   "COOKIE_ECHOED",	  "ESTAB",
		"SHUTDOWN_PENDING", "SHUTDOWN_SENT", "SHUTDOWN_RECEIVED", "ACK_SENT",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "UNKNOWN";
}

/* A list of struct sockaddr_storage. */
static void put_addresses(const char *label, const struct sock_bytes *list, struct text *text)
{
	char name[INET6_ADDRSTRLEN];
	struct sockaddr_storage any;

	for (size_t at = 0; at + sizeof(any) <= list->len; at += sizeof(any)) {
		const struct sockaddr_in *in = (const void *)&any;
		const struct sockaddr_in6 *in6 = (const void *)&any;
		const void *address;

		memcpy(&any, (const char *)list->data + at, sizeof(any));
		address = any.ss_family == AF_INET ? (const void *)&in->sin_addr
						   : (const void *)&in6->sin6_addr;
		text_put(text, at ? "," : label);
		if (inet_ntop(any.ss_family, address, name, sizeof(name)))
			text_put(text, name);
	}
}

#define ITEM(label_, field_)                                                           \
	{                                                                              \
		.label = " " label_ ":", .offset = offsetof(struct sctp_info, field_), \
		.size = sizeof(((struct sctp_info *)0)->field_)                        \
	}
#define ITEM_HEX(label_, field_)                                                       \
	{                                                                              \
		.label = " " label_ ":", .offset = offsetof(struct sctp_info, field_), \
		.size = sizeof(((struct sctp_info *)0)->field_), .hex = true           \
	}

static const struct item {
	const char *label;
	size_t offset, size;
	bool hex;
} items[] = {
	ITEM_HEX("tag", sctpi_tag),
	ITEM("state", sctpi_state),
	ITEM("rwnd", sctpi_rwnd),
	ITEM("unackdata", sctpi_unackdata),
	ITEM("penddata", sctpi_penddata),
	ITEM("instrms", sctpi_instrms),
	ITEM("outstrms", sctpi_outstrms),
	ITEM("inqueue", sctpi_inqueue),
	ITEM("outqueue", sctpi_outqueue),
	ITEM("overerr", sctpi_overall_error),
	ITEM("maxburst", sctpi_max_burst),
	ITEM("maxseg", sctpi_maxseg),
	ITEM("prwnd", sctpi_peer_rwnd),
	ITEM_HEX("ptag", sctpi_peer_tag),
	ITEM("pcapable", sctpi_peer_capable),
	ITEM("psack", sctpi_peer_sack),
	ITEM("autoclose", sctpi_s_autoclose),
	ITEM("adapind", sctpi_s_adaptation_ind),
	ITEM("pdpoint", sctpi_s_pd_point),
	ITEM("nodelay", sctpi_s_nodelay),
	ITEM("nofrag", sctpi_s_disable_fragments),
	ITEM("v4mapped", sctpi_s_v4mapped),
	ITEM("fraginl", sctpi_s_frag_interleave),
};

void put_sctp_info(const struct sock_record *record, struct text *text)
{
	put_addresses(" locals:", &record->locals, text);
	put_addresses(" peers:", &record->peers, text);
	if (!(record->has & HAS_INFO))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		uint32_t value =
			(uint32_t)sock_bytes_number(&record->info, items[i].offset, items[i].size);

		if (!value)
			continue;
		text_put(text, items[i].label);
		if (items[i].hex)
			text_hex(text, value);
		else if (items[i].offset == offsetof(struct sctp_info, sctpi_state))
			text_put(text, sctp_state_name(value));
		else
			text_signed(text, (int32_t)value);
	}
}
