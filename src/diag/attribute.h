/* SPDX-License-Identifier: MIT */
#pragma once

/* Netlink attributes into fields of a record, by a table indexed with the
 * attribute's type.  Pure. */

#include "diag/record.h"

struct diag_attribute {
	uint16_t offset; /* within struct sock_record */
	uint8_t size;	 /* of the number there; 0: a struct sock_bytes */
	bool known;
	uint32_t has; /* the bit that says it came, or 0 */
};

#define ATTRIBUTE(field, size_, has_)                                                          \
	{                                                                                      \
		.offset = offsetof(struct sock_record, field), .size = (size_), .known = true, \
		.has = (has_)                                                                  \
	}
#define ATTRIBUTE_NUMBER(field, has_) \
	ATTRIBUTE(field, sizeof(((struct sock_record *)0)->field), has_)
#define ATTRIBUTE_BYTES(field, has_) ATTRIBUTE(field, 0, has_)

/* Attributes that are unknown, cut, repeated or shorter than their number are
 * skipped.  A table has at most 64 rows. */
void diag_attributes(const void *data, size_t len, const struct diag_attribute *known, size_t count,
		     struct sock_record *ret);

/* The next sound attribute's type and payload; *rest loses it.  False at the end. */
bool diag_attribute_next(struct sock_bytes *rest, uint16_t *ret_type, struct sock_bytes *ret);

/* Calls take for each sound attribute. */
typedef void diag_take_attribute(uint16_t type, const struct sock_bytes *payload,
				 struct sock_record *ret);
void diag_attributes_each(const void *data, size_t len, diag_take_attribute *take,
			  struct sock_record *ret);

/* A number of an attribute; 0 when it is too short. */
uint64_t diag_attribute_number(const struct sock_bytes *payload, size_t size);
