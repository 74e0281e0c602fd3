/* SPDX-License-Identifier: MIT */
/* A filter expression: parsed, compiled and evaluated on a few records.  The
 * first byte chooses the preferred family. */

#include "../unit/filter/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int families[] = { AF_UNSPEC, AF_INET,    AF_INET6, AF_UNIX,
					AF_PACKET, AF_NETLINK, AF_VSOCK };
	auto_filter filter = { 0 };
	auto_buf code = { 0 };
	auto_free char *text = NULL;
	struct err err;

	if (size < 1 || size > 1 << 16)
		return 0;
	text = str_copy_n((const char *)data + 1, size - 1);
	if (parse_known(text, families[data[0] % ARRAY_SIZE(families)], &filter, &err) < 0)
		return 0;
	(void)filter_compile(&filter, &code);
	for (size_t i = 1; i < ARRAY_SIZE(families); i++) {
		struct sock_record record = {
			.family = (uint8_t)families[i],
			.recorded = data[0] & 0x80,
			.local.port = 22,
			.name = { text, strlen(text) },
		};

		(void)filter_matches(&filter, &record);
	}
	return 0;
}
