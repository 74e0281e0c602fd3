/* SPDX-License-Identifier: MIT */
/* Words of ncat's command line: patterns of hosts, commands, times, sizes; and a chat. */

#include "base/str.h"
#include "spec/spec.h"
#include "tool/nc_chat.h"
#include "tool/nc_hosts.h"
#include "tool/nc_time.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_chat(const uint8_t *data, size_t size)
{
	auto_buf out = { 0 };

	nc_chat_put(&out, 1, data, size);
	nc_hex_put(&out, data, size);
	for (size_t i = 0; i < out.len; i++)
		if ((uint8_t)out.data[i] >= 0x7f ||
		    (out.data[i] < ' ' && !strchr("\r\n\t", out.data[i])))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = str_copy_n((const char *)data, size);
	struct nc_host_pattern pattern;
	char **words = NULL;
	int64_t number;
	int bits;

	if (nc_host_parse(text, &pattern, &bits) == 0 && pattern.family == AF_UNSPEC)
		abort();
	if (nc_time_parse(text, &number) == 0 && number <= 0)
		abort();
	if (nc_size_parse(text, &number) == 0 && number <= 0)
		abort();
	if (nc_command_split(text, &words) == 0)
		spec_words_free(words);
	check_chat(data, size);
	return 0;
}
