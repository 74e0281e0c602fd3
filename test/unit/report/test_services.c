/* SPDX-License-Identifier: MIT */
/* Names of ports are those that the C library tells one by one. */

#include "report/services.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

enum { PORTS_ASKED = 1500 };

static void names_are_the_librarys(void **state)
{
	static const struct {
		int number;
		const char *name;
	} protocols[] = { { IPPROTO_TCP, "tcp" }, { IPPROTO_UDP, "udp" }, { 0, NULL } };
	struct services *services = services_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		for (uint16_t port = 0; port < PORTS_ASKED; port++) {
			const char *name = services_name(services, port, protocols[i].number);
			const struct servent *entry = getservbyport(htons(port), protocols[i].name);

			assert_int_equal(!!name, !!entry);
			if (name)
				assert_string_equal(name, entry->s_name);
		}
	}
	services_free(services);
}

static void lists_are_complete_only_of_files(void **state)
{
	static const struct {
		const char *nsswitch;
		bool listed;
	} cases[] = {
		{ "services: files\n", true },
		{ "services:\tdb files", true },
		{ "passwd: files sss\n# services: sss\n  services:db\t files # sss\nrpc: nis",
		  true },
		{ "services: files\r\n", true },
		{ "services: files sss\n", false },
		{ "services: nis [NOTFOUND=return] files\n", false },
		{ "services: db [NOTFOUND=return] files\n", false },
		{ "services: files\nservices: ldap\n", false },
		{ "services: ldap\nservices: files\n", false },
		{ "services: filesystem\n", false },
		{ "services: file\n", false },
		{ "xservices: files\n", false },
		{ "#services: files\n", false },
		{ "passwd: files\n", false },
		{ "", false },
		{ "services", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (services_are_listed(cases[i].nsswitch) != cases[i].listed)
			fail_msg("\"%s\"", cases[i].nsswitch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_the_librarys),
		cmocka_unit_test(lists_are_complete_only_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
