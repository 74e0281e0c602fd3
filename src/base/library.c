/* SPDX-License-Identifier: MIT */
/* Shared libraries that are loaded at first use; see library.h. */

#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* dlerror(3) names the library first. */
static int fail(const struct library *library, struct err *err)
{
	return err_set(err, -ENOENT, "%s needs %s", library->purpose, dlerror());
}

int library_load(const struct library *library, void *table, struct err *err)
{
	void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
	char *slot = table;

	if (!handle)
		return fail(library, err);
	for (size_t i = 0; i < library->n; i++, slot += sizeof(void *)) {
		void *function = dlsym(handle, library->names[i]);

		if (!function)
			return fail(library, err);
		/* POSIX has both kinds of pointers alike, C does not know it. */
		memcpy(slot, &function, sizeof(function));
	}
	return 0;
}
