/* SPDX-License-Identifier: MIT */
/* The counters of a back-end. */

#include "stats.h"
#include "hello.h"
#include "load.h"
#include "base/fd.h"
#include "base/str.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATS_MAX = 1024 };

char *stats_fetch(const char *server)
{
	const struct hello hello = { .flags = HELLO_STATS };
	struct net_address address = target_parse(server);
	auto_close int fd = target_connect(&address, SOCK_STREAM);
	struct pollfd connected = { .fd = fd, .events = POLLOUT };
	uint8_t head[HELLO_SIZE];
	char text[STATS_MAX];
	size_t len = 0;
	ssize_t n;

	hello_put(&hello, head);
	if (fd < 0 || poll(&connected, 1, -1) < 0 || fd_write_all(fd, head, sizeof(head)) < 0)
		fail("stats of %s: no back-end there", server);

	(void)fd_set_nonblock(fd, false);
	while (len < sizeof(text) - 1 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	if (len == 0)
		fail("stats of %s: no answer", server);

	return str_copy_n(text, len);
}

uint64_t stats_number(const char *text, const char *name)
{
	auto_free char *key = str_format("\"%s\": ", name);
	const char *place = strstr(text, key);

	return place ? strtoull(place + strlen(key), NULL, 10) : 0;
}

int load_stats(const struct options *o)
{
	auto_free char *text = stats_fetch(o->target ? o->target : "");

	(void)fputs(text, stdout);
	return 0;
}
