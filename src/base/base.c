/* SPDX-License-Identifier: MIT */
/* Memory and the handlers behind the cleanup attributes. */

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void free_pointer(void *pointer_to_pointer)
{
	int saved = errno;

	free(*(void **)pointer_to_pointer);
	errno = saved;
}

void close_descriptor(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}

static void *checked(void *memory)
{
	static const char text[] = "out of memory\n";

	if (memory)
		return memory;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	abort();
}

void *mem_new(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
	return checked(reallocarray(old, count ? count : 1, size ? size : 1));
}

void *mem_copy(const void *data, size_t size)
{
	void *copy = mem_new(1, size);

	if (size)
		memcpy(copy, data, size);
	return copy;
}
