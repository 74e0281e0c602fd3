/* SPDX-License-Identifier: MIT */
/* A hash table of addresses and their names. */

#include "tool/ss_hosts.h"
#include "base/str.h"
#include "net/resolve.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct host {
	struct host *next;
	int family;
	uint8_t address[16];
	char *name; /* NULL: it has none */
};

struct ss_hosts {
	struct host *buckets[BUCKETS];
};

struct ss_hosts *ss_hosts_new(void)
{
	return new_object(struct ss_hosts);
}

void ss_hosts_free(struct ss_hosts *hosts)
{
	for (size_t i = 0; hosts && i < BUCKETS; i++) {
		while (hosts->buckets[i]) {
			struct host *host = hosts->buckets[i];

			hosts->buckets[i] = host->next;
			free(host->name);
			free(host);
		}
	}
	free(hosts);
}

static char *ask(int family, const uint8_t *address)
{
	struct net_address whole;
	char name[NI_MAXHOST];

	net_address_any(&whole, family, 0);
	if (family == AF_INET)
		memcpy(&whole.in.sin_addr, address, sizeof(whole.in.sin_addr));
	else
		memcpy(&whole.in6.sin6_addr, address, sizeof(whole.in6.sin6_addr));
	return net_reverse(&whole, name, sizeof(name)) < 0 ? NULL : str_copy(name);
}

const char *ss_hosts_find(void *context, int family, const uint8_t *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct ss_hosts *hosts = context;
	size_t len = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	struct host *host;
	size_t bucket = 0;

	if (family == AF_INET6 && memcmp(address, mapped, sizeof(mapped)) == 0) {
		family = AF_INET;
		address += sizeof(mapped);
		len = sizeof(struct in_addr);
	}
	for (size_t i = 0; i < len; i++)
		bucket = (bucket * 31 + address[i]) % BUCKETS;
	for (host = hosts->buckets[bucket]; host; host = host->next)
		if (host->family == family && memcmp(host->address, address, len) == 0)
			return host->name;

	host = new_object(struct host);
	host->family = family;
	memcpy(host->address, address, len);
	host->name = ask(family, address);
	host->next = hosts->buckets[bucket];
	hosts->buckets[bucket] = host;
	return host->name;
}
