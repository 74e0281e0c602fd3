/* SPDX-License-Identifier: MIT */
/* What a supervisor says of descriptors: four lines, LISTEN_PID, LISTEN_FDS, the name
 * that is looked for, LISTEN_FDNAMES. */

#include "addr/listen_fds.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = str_copy_n((const char *)data, size);
	struct listen_fds passed = { 0 };
	struct err err = { 0 };
	char *rest = text;
	const char *name;
	int fd;

	passed.pid = strsep(&rest, "\n");
	passed.count = strsep(&rest, "\n");
	name = strsep(&rest, "\n");
	passed.names = rest;
	if (!name)
		return 0;
	fd = listen_fds_find(&passed, 42, name, &err);
	if (fd >= 0 && (fd < LISTEN_FDS_FIRST || fd >= LISTEN_FDS_FIRST + LISTEN_FDS_MAX ||
			!strstr(passed.names, name)))
		abort();
	if ((fd < 0) != (err.text[0] != '\0'))
		abort();
	return 0;
}
