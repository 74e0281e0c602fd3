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
