/* SPDX-License-Identifier: MIT */
/* Requests of strangers to an HTTP proxy, and what targets answer. */

#include "proto/http_request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = mem_copy(data, size ? size : 1); /* the end is guarded by the sanitizer */
	struct http_request request;
	struct http_text value;
	auto_buf answer = { 0 };
	int64_t length;
	ssize_t r = http_answer_put(&answer, copy, size);

	if (r > (ssize_t)size || (r > 0) != (answer.len > 0))
		abort();
	if (http_request_parse(copy, size, &request) == 0) {
		auto_buf out = { 0 };

		if (!request.host[0] || !request.port || request.head_len > size)
			abort();
		if (http_request_length(&request, &length) == 0 && length < -1)
			abort();
		(void)http_request_header(&request, "Content-Length", &value);
		http_request_put(&out, &request);
		if (out.len < strlen("A / HTTP/1.0\r\n"))
			abort();
	}
	free(copy);
	return 0;
}
