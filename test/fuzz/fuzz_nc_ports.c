/* SPDX-License-Identifier: MIT */
/* Port operands of nc: any text, cut into words at line ends. */

#include "tool/trad_ports.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 8 }; /* each may be a range of 65535 */

static int find(const void *context, const char *name, uint16_t *ret)
{
	(void)context;
	if (strcmp(name, "ftp-data") != 0 && strcmp(name, "3com-tsmux") != 0)
		return -EINVAL;
	*ret = 20;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nc_services services = { find, NULL };
	auto_free char *text = str_copy_n((const char *)data, size);
	auto_ports list = { 0 };
	char *rest = text;

	for (size_t i = 0; rest && i < WORDS_MAX; i++) {
		struct err err = { 0 };
		size_t before = list.n;
		bool counts_down = i % 2;
		const char *word = strsep(&rest, "\n");
		int r = counts_down ? trad_ports_add(&list, word, &services, &err)
				    : nc_ports_add(&list, word, &services, &err);

		if (r < 0 ? list.n != before || !err.text[0] : list.n == before)
			abort();
	}
	for (size_t i = 0; i < list.n; i++)
		if (list.items[i] == 0)
			abort();
	return 0;
}
