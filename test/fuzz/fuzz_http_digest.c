/* SPDX-License-Identifier: MIT */
/* Challenges of proxies, of any content: what is understood is answered in one line, and nothing
 * of it gets out of its quotes. */

#include "proto/http_digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Quoted strings end where they should. */
static void check_answer(const char *text)
{
	bool quoted = false;

	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			abort();
		if (quoted && *text == '\\')
			text++;
		else if (*text == '"')
			quoted = !quoted;
	}
	if (quoted)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_digest_use use = { "us\"er\\:secret", "CONNECT", "h:80" };
	char *copy = mem_copy(data, size ? size : 1); /* the end is guarded by the sanitizer */
	struct http_digest challenge;
	struct err err = { 0 };
	auto_buf out = { 0 };
	int r = http_digest_parse(copy, size, &challenge);

	if (r != 0 && r != -ENOENT && r != -EPROTO && r != -EOPNOTSUPP)
		abort();
	if (r == 0 && !http_challenge_names(copy, size, "Digest"))
		abort();
	if (r == 0 && !*challenge.nonce)
		abort();
	if (r == 0 && http_digest_put(&out, &challenge, &use, &err) == 0)
		check_answer(buf_text(&out));
	free(copy);
	return 0;
}
