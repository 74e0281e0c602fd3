/* SPDX-License-Identifier: MIT */
/* Numbers from text: whatever is accepted is in range and means the same when
 * it is written down and read again. */

#include "base/num.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 256, OCTAL_MAX = 07777 };

static void check_decimal(const char *text)
{
	char again[64];
	long long value, reread;

	if (num_parse_decimal(text, -1000, LLONG_MAX, &value) < 0)
		return;
	if (value < -1000)
		abort();
	(void)snprintf(again, sizeof(again), "%lld", value);
	if (num_parse_decimal(again, value, value, &reread) < 0 || reread != value)
		abort();
}

static void check_c(const char *text)
{
	long long value;

	if (num_parse_c(text, 0, UINT16_MAX, &value) == 0 && (value < 0 || value > UINT16_MAX))
		abort();
}

static void check_octal(const char *text)
{
	unsigned int mode;

	if (num_parse_octal(text, OCTAL_MAX, &mode) == 0 && mode > OCTAL_MAX)
		abort();
}

static void check_seconds(const char *text)
{
	char again[64];
	int64_t us, reread;
	long long size;

	if (num_parse_seconds(text, &us) < 0)
		return;
	size = llabs((long long)us);
	(void)snprintf(again, sizeof(again), "%s%lld.%06lld", us < 0 ? "-" : "", size / 1000000,
		       size % 1000000);
	if (num_parse_seconds(again, &reread) < 0 || reread != us)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';

	check_decimal(text);
	check_c(text);
	check_octal(text);
	check_seconds(text);
	return 0;
}
