/* SPDX-License-Identifier: MIT */
/* The loop over netlink attributes, for all families. */

#include "diag/attribute.h"

#include <linux/netlink.h>
#include <string.h>

enum { TYPE_BITS = 0x3fff }; /* the others are NLA_F_NESTED and NLA_F_NET_BYTEORDER */

/* The next attribute's payload; false at the end.  Read by hand: a listing has
 * millions of them, and a call for each question would cost more than the rest. */
static bool next_attribute(const char **at, const char *end, uint16_t *ret_type,
			   struct sock_bytes *ret)
{
	struct nlattr header;
	size_t left = (size_t)(end - *at);

	if (left < sizeof(header))
		return false;
	memcpy(&header, *at, sizeof(header));
	if (header.nla_len < sizeof(header) || header.nla_len > left)
		return false;
	*ret_type = header.nla_type & TYPE_BITS;
	*ret = (struct sock_bytes){ *at + sizeof(header), header.nla_len - sizeof(header) };
	*at += MIN((size_t)NLA_ALIGN(header.nla_len), left);
	return true;
}

/* Sizes are spelled out because a copy of a known size is one instruction and any other a call. */
static void take_attribute(const struct sock_bytes *payload, const struct diag_attribute *known,
			   struct sock_record *ret)
{
	char *field = (char *)ret + known->offset;
	size_t size = known->size;

	ret->has |= known->has;
	if (!size)
		*(struct sock_bytes *)(void *)field = *payload;
	else if (size == sizeof(uint8_t))
		memcpy(field, payload->data, sizeof(uint8_t));
	else if (size == sizeof(uint32_t))
		memcpy(field, payload->data, sizeof(uint32_t));
	else if (size == sizeof(uint64_t))
		memcpy(field, payload->data, sizeof(uint64_t));
	else
		memcpy(field, payload->data, sizeof(uint16_t));
}

void diag_attributes(const void *data, size_t len, const struct diag_attribute *known, size_t count,
		     struct sock_record *ret)
{
	const char *at = data, *end = at + len;
	struct sock_bytes payload;
	uint64_t seen = 0; /* a bit for each type: the first of two attributes counts */
	uint16_t type;

	while (next_attribute(&at, end, &type, &payload)) {
		if (type >= count || !known[type].known || payload.len < known[type].size ||
		    seen >> type & 1)
			continue;
		seen |= UINT64_C(1) << type;
		take_attribute(&payload, &known[type], ret);
	}
}

bool diag_attribute_next(struct sock_bytes *rest, uint16_t *ret_type, struct sock_bytes *ret)
{
	const char *at = rest->data, *end;

	if (!rest->len)
		return false;
	end = at + rest->len;
	if (!next_attribute(&at, end, ret_type, ret))
		return false;
	*rest = (struct sock_bytes){ at, (size_t)(end - at) };
	return true;
}

void diag_attributes_each(const void *data, size_t len, diag_take_attribute *take,
			  struct sock_record *ret)
{
	const char *at = data, *end = at + len;
	struct sock_bytes payload;
	uint16_t type;

	while (next_attribute(&at, end, &type, &payload))
		take(type, &payload, ret);
}

uint64_t diag_attribute_number(const struct sock_bytes *payload, size_t size)
{
	return payload->len < size ? 0 : sock_bytes_number(payload, 0, size);
}
