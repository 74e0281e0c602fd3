/* SPDX-License-Identifier: MIT */
#pragma once

/* Counting sockets by a value they share. */

#include "report/field.h"

struct groups;

struct groups *groups_new(void);
void groups_free(struct groups *groups);

/* One more socket with this value; an empty one stands for "not known". */
void groups_add(struct groups *groups, const char *key, size_t len,
		const struct sock_record *record);

/* The groups, in the order in which they were first seen. */
size_t groups_count(const struct groups *groups);
const struct field_group *groups_get(const struct groups *groups, size_t i);
