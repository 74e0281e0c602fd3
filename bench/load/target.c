/* SPDX-License-Identifier: MIT */
/* Where to connect to. */

#include "load.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

struct net_address target_parse(const char *text)
{
	struct net_address address;
	const char *colon = strrchr(text, ':');
	auto_free char *host =
		colon ? str_copy_n(text, (size_t)(colon - text)) : str_copy("127.0.0.1");
	long long port;
	int r;

	if (text[0] == '/')
		r = net_address_unix(text, true, &address);
	else {
		r = num_parse_decimal(colon ? colon + 1 : text, 1, UINT16_MAX, &port);
		if (r == 0)
			r = net_address_parse(host, AF_UNSPEC, (uint16_t)port, &address);
	}
	if (r < 0)
		fail("target \"%s\": not PORT, HOST:PORT or /PATH", text);

	return address;
}

int target_connect(const struct net_address *target, int type)
{
	auto_close int fd = socket(target->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return -errno;

	/* Not there for UNIX and UDP sockets, which have no Nagle either. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

	if (connect(fd, &target->any, target->len) < 0 && errno != EINPROGRESS)
		return -errno;

	return take_fd(&fd);
}
