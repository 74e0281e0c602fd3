/* SPDX-License-Identifier: MIT */
/* Numeric hosts: whatever is accepted is of the family that was asked for and
 * is the same address when it is printed and read again. */

#include "net/address.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HOST_MAX = 256, PORT = 4711 };

static void check_text(const struct net_address *a)
{
	char log_form[NET_ADDRESS_TEXT], tiny[8];

	if (strncmp(net_address_text(a, log_form, sizeof(log_form)), "AF=", 3) != 0)
		abort();
	if (strlen(net_address_host(a, tiny, sizeof(tiny))) >= sizeof(tiny))
		abort();
}

static void check_again(const char *printed, int family, const struct net_address *a)
{
	struct net_address again;

	if (net_address_parse(printed, family, PORT, &again) < 0 || !net_address_equal(a, &again))
		abort();
}

static void check(const char *host, int family)
{
	char printed[NET_ADDRESS_TEXT];
	struct net_address a;

	if (net_address_parse(host, family, PORT, &a) < 0)
		return;
	if (family != AF_UNSPEC && a.any.sa_family != family)
		abort();
	if (net_address_port(&a) != PORT)
		abort();
	check_again(net_address_host(&a, printed, sizeof(printed)), family, &a);
	check_again(net_address_numeric(&a, printed, sizeof(printed)), family, &a);
	check_text(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char host[HOST_MAX];

	if (size >= sizeof(host))
		return 0;
	memcpy(host, data, size);
	host[size] = '\0';

	check(host, AF_UNSPEC);
	check(host, AF_INET);
	check(host, AF_INET6);
	return 0;
}
