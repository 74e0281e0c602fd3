/* SPDX-License-Identifier: MIT */
#pragma once

/* A netlink message that is put together attribute by attribute. */

#include "base/base.h"

#include <linux/netlink.h>
#include <string.h>

struct message {
	_Alignas(8) unsigned char data[1024];
	size_t len;
};

static inline void add(struct message *message, const void *data, size_t len)
{
	memcpy(message->data + message->len, data, len);
	message->len += len;
}

static inline void add_attribute(struct message *message, uint16_t type, const void *data,
				 size_t len)
{
	struct nlattr header = { .nla_type = type, .nla_len = (uint16_t)(sizeof(header) + len) };

	add(message, &header, sizeof(header));
	if (len)
		add(message, data, len);
	message->len = (message->len + 3) & ~(size_t)3;
}

/* Begins an attribute that holds others; end_nest() tells it how much. */
static inline size_t begin_nest(struct message *message, uint16_t type)
{
	add_attribute(message, type | NLA_F_NESTED, NULL, 0);
	return message->len - sizeof(struct nlattr);
}

static inline void end_nest(struct message *message, size_t start)
{
	uint16_t len = (uint16_t)(message->len - start);

	memcpy(message->data + start + offsetof(struct nlattr, nla_len), &len, sizeof(len));
}

static inline void add_u32(struct message *message, uint16_t type, uint32_t value)
{
	add_attribute(message, type, &value, sizeof(value));
}
