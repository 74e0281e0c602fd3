/* SPDX-License-Identifier: MIT */
/* Descriptors that a supervisor passed on; see listen_fds.h. */

#include "addr/listen_fds.h"

#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* How many there are for this process. */
static int count_for(const struct listen_fds *passed, pid_t self, struct err *err)
{
	long long pid, count;

	if (!passed->pid || !passed->count || !passed->names)
		return err_set(err, -ENOENT,
			       "no named descriptors were passed on "
			       "(LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES)");
	if (num_parse_decimal(passed->pid, 1, INT_MAX, &pid) < 0)
		return err_set(err, -EINVAL, "LISTEN_PID=\"%s\" is no process", passed->pid);
	if (num_parse_decimal(passed->count, 0, LISTEN_FDS_MAX, &count) < 0)
		return err_set(err, -EINVAL, "LISTEN_FDS=\"%s\" is not 0..%d", passed->count,
			       LISTEN_FDS_MAX);
	if (pid != self)
		return err_set(err, -ENOENT, "LISTEN_PID=%lld: descriptors are for another process",
			       pid);
	return (int)count;
}

int listen_fds_find(const struct listen_fds *passed, pid_t self, const char *name, struct err *err)
{
	int count = count_for(passed, self, err);
	const char *at = passed->names;
	size_t len = strlen(name);

	if (count < 0)
		return count;
	for (int i = 0; i < count && at; i++) {
		const char *end = strchrnul(at, ':');

		if (len && (size_t)(end - at) == len && memcmp(at, name, len) == 0)
			return LISTEN_FDS_FIRST + i;
		at = *end ? end + 1 : NULL;
	}
	return err_set(err, -ENOENT,
		       "none of the %d passed descriptors is named \"%s\": "
		       "LISTEN_FDNAMES=\"%s\"",
		       count, name, passed->names);
}
