/* SPDX-License-Identifier: MIT */
/* Tables of hosts_access(5) of any content: a verdict or an error with a sentence, and
 * the same one again; what a line says plainly is one of the two answers only. */

#include "addr/hosts_access.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4096 };

static void check(bool fine)
{
	if (!fine)
		abort();
}

static const char *name(void *context)
{
	return context;
}

/* Every file is the rest of the name of it. */
static int read_file(void *context, const char *path, char **ret, struct err *err)
{
	(void)context;
	(void)err;
	*ret = str_copy(path + 1);
	return 0;
}

static int evaluate(const char *text, const char *address, char *host, enum hosts_verdict *ret)
{
	struct net_address a = { .len = 0 };
	struct hosts_client client = { .address = &a, .name = name, .read = read_file,
				       .context = host };
	struct err err = { 0 };
	int r;

	check(net_address_parse(address, AF_UNSPEC, 1, &a) == 0);
	r = hosts_evaluate(text, "socat", &client, HOSTS_ALLOW, ret, &err);
	check(r == 0 ? *ret <= HOSTS_DENY : r == -EINVAL && *err.text);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const addresses[] = { "10.0.0.1", "2001:db8::1" };
	char host[] = "host.good", text[TEXT_MAX];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		enum hosts_verdict first = HOSTS_NO_MATCH, second = HOSTS_NO_MATCH;

		check(evaluate(text, addresses[i], host, &first) ==
		      evaluate(text, addresses[i], host, &second));
		check(first == second);
	}
	return 0;
}
