/* SPDX-License-Identifier: MIT */
/* libedit, loaded when the first address needs it; see edit_library.h. */

#include "addr/edit_library.h"

#include <pthread.h>

struct edit_library edit_library;
static struct err failure;

static void load(void)
{
	static const char *const names[] = { EDIT_FUNCTIONS(LIBRARY_NAME) };
	static const struct library libedit = { "READLINE", "libedit.so.2", names,
						ARRAY_SIZE(names) };

	(void)library_load(&libedit, &edit_library, &failure);
}

int edit_library_load(struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, load);
	return failure.code < 0 ? err_set(err, failure.code, "%s", failure.text) : 0;
}
