/* SPDX-License-Identifier: MIT */
/* The loop over netlink attributes, for all families. */

#include "diag/attribute.h"

#include <libmnl/libmnl.h>
#include <string.h>

/* The first of two attributes of a kind counts. */
static void take_attribute(const struct nlattr *attribute, const struct diag_attribute *known,
			   struct sock_record *ret)
{
	char *field = (char *)ret + known->offset;
	const void *payload = mnl_attr_get_payload(attribute);
	size_t len = mnl_attr_get_payload_len(attribute);
	struct sock_bytes bytes;

	if (len < known->size || ret->has & known->has)
		return;
	if (known->size) {
		memcpy(field, payload, known->size);
	} else {
		memcpy(&bytes, field, sizeof(bytes));
		if (bytes.data)
			return;
		bytes = (struct sock_bytes){ payload, len };
		memcpy(field, &bytes, sizeof(bytes));
	}
	ret->has |= known->has;
}

void diag_attributes(const void *data, size_t len, const struct diag_attribute *known, size_t count,
		     struct sock_record *ret)
{
	const char *end = (const char *)data + len;
	const struct nlattr *attribute = data;

	while (mnl_attr_ok(attribute, (int)(end - (const char *)attribute))) {
		uint16_t type = mnl_attr_get_type(attribute);

		if (type < count && known[type].known)
			take_attribute(attribute, &known[type], ret);
		attribute = mnl_attr_next(attribute);
	}
}

void diag_attributes_each(const void *data, size_t len, diag_take_attribute *take,
			  struct sock_record *ret)
{
	const char *end = (const char *)data + len;
	const struct nlattr *attribute = data;

	while (mnl_attr_ok(attribute, (int)(end - (const char *)attribute))) {
		struct sock_bytes payload = { mnl_attr_get_payload(attribute),
					      mnl_attr_get_payload_len(attribute) };

		take(mnl_attr_get_type(attribute), &payload, ret);
		attribute = mnl_attr_next(attribute);
	}
}

uint64_t diag_attribute_number(const struct sock_bytes *payload, size_t size)
{
	uint64_t value = 0;
	uint32_t half;
	uint16_t quarter;

	if (payload->len < size)
		return 0;
	switch (size) {
	case sizeof(value):
		memcpy(&value, payload->data, sizeof(value));
		return value;
	case sizeof(half):
		memcpy(&half, payload->data, sizeof(half));
		return half;
	case sizeof(quarter):
		memcpy(&quarter, payload->data, sizeof(quarter));
		return quarter;
	default:
		return *(const uint8_t *)payload->data;
	}
}
