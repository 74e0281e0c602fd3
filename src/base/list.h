/* SPDX-License-Identifier: MIT */
#pragma once

/* Rings of links that live in their owners.  A head is a link, too; a zeroed link
 * is in no ring. */

#include "base/base.h"

struct link {
	struct link *next, *previous;
};

#define link_owner(link, type, member)                                                             \
	((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_init(struct link *head)
{
	head->next = head->previous = head;
}

static inline bool list_is_empty(const struct link *head)
{
	return head->next == head;
}

static inline bool link_is_in_list(const struct link *link)
{
	return link->next != NULL;
}

static inline void list_append(struct link *head, struct link *link)
{
	link->next = head;
	link->previous = head->previous;
	head->previous->next = link;
	head->previous = link;
}

/* In no ring: nothing happens. */
static inline void link_remove(struct link *link)
{
	if (!link->next)
		return;
	link->next->previous = link->previous;
	link->previous->next = link->next;
	link->next = link->previous = NULL;
}
