/* SPDX-License-Identifier: MIT */
/* The open-file limit. */

#include "load.h"

#include <sys/resource.h>

enum { SPARE = 64 };

bool files_allow(size_t count)
{
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= count + SPARE)
		return true;

	/* Above the hard limit only root may go. */
	limit.rlim_cur = limit.rlim_max = MAX(limit.rlim_max, (rlim_t)count + SPARE);
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return true;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur >= count + SPARE;
}
