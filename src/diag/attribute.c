/* SPDX-License-Identifier: MIT */
/* The loop over netlink attributes, for all families. */

#include "diag/attribute.h"

#include <libmnl/libmnl.h>
#include <string.h>

static void take_attribute(const struct nlattr *attribute, const struct diag_attribute *known,
			   struct sock_record *ret)
{
	char *field = (char *)ret + known->offset;
	const void *payload = mnl_attr_get_payload(attribute);
	size_t len = mnl_attr_get_payload_len(attribute);

	if (len < known->size)
		return;
	if (known->size) {
		memcpy(field, payload, known->size);
	} else {
		struct sock_bytes bytes = { payload, len };

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
