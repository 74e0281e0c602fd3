/* SPDX-License-Identifier: MIT */
/* Requests of strangers to an HTTP proxy. */

#include "proto/http_request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = mem_copy(data, size ? size : 1); /* the end is guarded by the sanitizer */
	struct http_request request;
	struct http_text value;

	if (http_request_parse(copy, size, &request) == 0) {
		auto_buf out = { 0 };

		if (!request.host[0] || !request.port || request.head_len > size)
			abort();
		(void)http_request_header(&request, "Content-Length", &value);
		http_request_put(&out, &request);
		if (out.len < strlen("A / HTTP/1.0\r\n"))
			abort();
	}
	free(copy);
	return 0;
}
