/* SPDX-License-Identifier: MIT */
/* A recorded dump, as TCPDIAG_FILE names one. */

#include "diag/dumpfile.h"
#include "diag/family.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exactly that size, aligned as the heap is. */
	char *copy = mem_copy(data, size);
	struct dumpfile file = { .data = copy, .len = size };
	const void *payload;
	size_t len;

	while (dumpfile_next(&file, &payload, &len) == DUMPFILE_MESSAGE) {
		struct sock_record record = { .table = DIAG_TCP };

		(void)diag_tcp.decode(payload, len, &record);
	}
	free(copy);
	return 0;
}
