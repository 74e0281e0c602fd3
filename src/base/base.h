/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The words every file uses: array sizes, format attributes and the cleanup
 * attributes by which each resource has exactly one owner.
 *
 *	auto_close int fd = -1;		closed when the scope ends
 *	auto_free char *name = NULL;	freed when the scope ends
 *
 * Ownership leaves a scope only through take_fd() and take_ptr().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define printf_like(format, first) \
	__attribute__((__format__(__printf__, format, first), __nonnull__(format)))
#define auto_free __attribute__((__cleanup__(free_pointer)))
#define auto_close __attribute__((__cleanup__(close_descriptor)))

/* Hands the pointer on and forgets it here. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

/* Hands the descriptor on and forgets it here. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* The handlers behind auto_free and auto_close; not called by hand.  Both keep
 * errno. */
void free_pointer(void *pointer_to_pointer);
void close_descriptor(const int *fd);

/* calloc and friends for sizes we chose ourselves: they end the program with
 * one line when memory is exhausted, so that no caller has to think about it.
 * Sizes that a peer controls are limited before they come here. */
void *mem_new(size_t count, size_t size); /* zeroed */
void *mem_resize(void *old, size_t count, size_t size);
void *mem_copy(const void *data, size_t size);
#define new_object(type) ((type *)mem_new(1, sizeof(type)))
