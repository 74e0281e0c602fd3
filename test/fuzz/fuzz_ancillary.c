/* SPDX-License-Identifier: MIT */
/* Control buffers of any content: every fact is a name and a value that has no control
 * characters, and there are no more of them than bytes. */

#include "net/ancillary.h"

#include <ctype.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void check_fact(void *context, const struct ancillary_fact *fact)
{
	size_t *facts = context;

	(*facts)++;
	check(*fact->type && *fact->name && *fact->value);
	for (const char *c = fact->value; *c; c++)
		check(isprint((unsigned char)*c));
}

static void check_descriptor(int fd)
{
	(void)fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t facts = 0;
	struct ancillary_reader reader = { check_fact, &facts, NULL };

	ancillary_decode(data, size, &reader);
	check(facts <= size);
	ancillary_descriptors(data, size, check_descriptor);
	return 0;
}
