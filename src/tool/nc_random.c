/* SPDX-License-Identifier: MIT */
/* Chance; see nc_random.h. */

#include "tool/nc_random.h"

#include <sys/random.h>

/* Without bias: what does not divide evenly is drawn again. */
size_t nc_random_below(size_t limit)
{
	uint32_t number, rest = (uint32_t)(UINT32_MAX % limit);

	do {
		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return 0;
	} while (number > UINT32_MAX - 1 - rest);
	return number % limit;
}
