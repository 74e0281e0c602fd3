/* SPDX-License-Identifier: MIT */
/* A list of groups, and a hash table of places in it. */

#include "report/group.h"

#include <stdlib.h>

enum { ROOM_AT_FIRST = 64 };

struct groups {
	struct field_group *list;
	size_t used, room;
	uint32_t *slots; /* place in the list + 1; 0: empty; a power of two */
	size_t slots_count;
};

struct groups *groups_new(void)
{
	return new_object(struct groups);
}

void groups_free(struct groups *groups)
{
	if (!groups)
		return;
	for (size_t i = 0; i < groups->used; i++)
		free((void *)(uintptr_t)groups->list[i].key);
	free(groups->list);
	free(groups->slots);
	free(groups);
}

static uint64_t hash(const char *key, size_t len)
{
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		value = (value ^ (uint8_t)key[i]) * 0x100000001b3;
	return value ^ value >> 32;
}

static uint32_t *slot_of(const struct groups *groups, const char *key, size_t len)
{
	size_t i = (size_t)hash(key, len) & (groups->slots_count - 1);

	while (groups->slots[i]) {
		const struct field_group *group = &groups->list[groups->slots[i] - 1];

		if (group->len == len && (!len || memcmp(group->key, key, len) == 0))
			break;
		i = (i + 1) & (groups->slots_count - 1);
	}
	return &groups->slots[i];
}

static void enlarge(struct groups *groups)
{
	groups->room = groups->room ? groups->room * 2 : ROOM_AT_FIRST;
	groups->list = mem_resize(groups->list, groups->room, sizeof(*groups->list));
	free(groups->slots);
	groups->slots_count = groups->room * 2;
	groups->slots = mem_new(groups->slots_count, sizeof(*groups->slots));
	for (size_t i = 0; i < groups->used; i++)
		*slot_of(groups, groups->list[i].key, groups->list[i].len) = (uint32_t)i + 1;
}

void groups_add(struct groups *groups, const char *key, size_t len,
		const struct sock_record *record)
{
	struct field_group *group;
	uint32_t *slot;

	if (groups->used == groups->room)
		enlarge(groups);
	slot = slot_of(groups, key, len);
	if (!*slot) {
		char *copy = mem_new(1, len + 1);

		memcpy(copy, key, len);
		groups->list[groups->used++] = (struct field_group){ .key = copy, .len = len };
		*slot = (uint32_t)groups->used;
	}
	group = &groups->list[*slot - 1];
	group->sockets++;
	group->receive_queue += record->receive_queue;
	group->send_queue += record->send_queue;
}

size_t groups_count(const struct groups *groups)
{
	return groups->used;
}

const struct field_group *groups_get(const struct groups *groups, size_t i)
{
	return &groups->list[i];
}
