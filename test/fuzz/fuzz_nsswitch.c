/* SPDX-License-Identifier: MIT */
/* nsswitch.conf of any content: a source that need not tell all it has is never overlooked. */

#include "base/str.h"
#include "report/services.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = str_copy_n((const char *)data, size);
	auto_free char *files = str_format("%s\nservices: files\n", text);
	auto_free char *others = str_format("%s\nservices: files sss\n", text);

	if (services_are_listed(text) && !services_are_listed(files))
		abort();
	if (services_are_listed(others))
		abort();
	return 0;
}
