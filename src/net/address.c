/* SPDX-License-Identifier: MIT */
/* Socket addresses; see address.h. */

#include "net/address.h"

#include "base/num.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static const size_t unix_header = offsetof(struct sockaddr_un, sun_path);

/* `[0000:0000:0000:0000:0000:0000:0000:0001]` */
static void format_in6(const struct in6_addr *a, char *out, size_t size)
{
	const uint8_t *b = a->s6_addr;

	(void)snprintf(out, size,
		       "[%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x]",
		       b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
		       b[12], b[13], b[14], b[15]);
}

/* Empty when it is no IP address, or when there is no room for it. */
static void format_numeric(const struct net_address *a, char *out, size_t size)
{
	bool is_6 = a->any.sa_family == AF_INET6;
	const void *bytes = is_6 ? (const void *)&a->in6.sin6_addr : &a->in.sin_addr;

	out[0] = '\0';
	if (is_6 || a->any.sa_family == AF_INET)
		(void)inet_ntop(a->any.sa_family, bytes, out, (socklen_t)size);
}

static size_t unix_name_length(const struct net_address *a)
{
	size_t len = a->len > unix_header ? a->len - unix_header : 0;

	len = MIN(len, sizeof(a->un.sun_path));
	if (len && a->un.sun_path[0])
		len = strnlen(a->un.sun_path, len);
	return len;
}

/* Paths and abstract names with everything unprintable escaped. */
static void format_unix(const struct net_address *a, char *out, size_t size)
{
	size_t len = unix_name_length(a), skip = 0;

	if (len == 0) {
		(void)snprintf(out, size, "<anon>");
		return;
	}
	if (a->un.sun_path[0] == '\0') {
		(void)snprintf(out, size, "\\0");
		skip = 1;
	}
	str_escape(a->un.sun_path + skip, len - skip, out + 2 * skip, size - 2 * skip);
}

static void format_other(const struct net_address *a, char *out, size_t size)
{
	const unsigned char *data = (const unsigned char *)&a->storage + sizeof(sa_family_t);
	size_t len = a->len > sizeof(sa_family_t) ? a->len - sizeof(sa_family_t) : 0;
	size_t used = 2;

	(void)snprintf(out, size, "0x");
	for (size_t i = 0; i < len && used + 3 <= size; i++, used += 2)
		(void)snprintf(out + used, size - used, "%02x", data[i]);
}

const char *net_address_host(const struct net_address *a, char *out, size_t size)
{
	if (a->len == 0 || a->any.sa_family == AF_UNIX)
		format_unix(a, out, size);
	else if (a->any.sa_family == AF_INET)
		format_numeric(a, out, size);
	else if (a->any.sa_family == AF_INET6)
		format_in6(&a->in6.sin6_addr, out, size);
	else if (a->any.sa_family == AF_VSOCK)
		(void)snprintf(out, size, "%u", a->vm.svm_cid);
	else
		format_other(a, out, size);
	return out;
}

const char *net_address_text(const struct net_address *a, char *out, size_t size)
{
	char host[NET_ADDRESS_TEXT];

	net_address_host(a, host, sizeof(host));
	if (a->len == 0 || a->any.sa_family == AF_UNIX)
		(void)snprintf(out, size, "AF=1 \"%s\"", host);
	else if (a->any.sa_family == AF_INET || a->any.sa_family == AF_INET6)
		(void)snprintf(out, size, "AF=%d %s:%ld", a->any.sa_family, host,
			       net_address_port(a));
	else if (a->any.sa_family == AF_VSOCK)
		(void)snprintf(out, size, "AF=%d cid:%s port:%ld", AF_VSOCK, host,
			       net_address_port(a));
	else
		(void)snprintf(out, size, "AF=%d %s", a->any.sa_family, host);
	return out;
}

const char *net_address_numeric(const struct net_address *a, char *out, size_t size)
{
	format_numeric(a, out, size);
	return out;
}

long net_address_port(const struct net_address *a)
{
	if (a->any.sa_family == AF_INET)
		return ntohs(a->in.sin_port);
	if (a->any.sa_family == AF_INET6)
		return ntohs(a->in6.sin6_port);
	if (a->any.sa_family == AF_VSOCK)
		return (long)a->vm.svm_port;
	return -1;
}

void net_address_set_port(struct net_address *a, uint16_t port)
{
	if (a->any.sa_family == AF_INET)
		a->in.sin_port = htons(port);
	else if (a->any.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
}

bool net_address_unmap(struct net_address *a)
{
	struct sockaddr_in6 mapped = a->in6;

	if (a->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&mapped.sin6_addr))
		return false;
	net_address_any(a, AF_INET, ntohs(mapped.sin6_port));
	memcpy(&a->in.sin_addr, &mapped.sin6_addr.s6_addr[12], sizeof(a->in.sin_addr));
	return true;
}

void net_address_any(struct net_address *ret, int family, uint16_t port)
{
	*ret = (struct net_address){ .len = 0 };
	ret->any.sa_family = (sa_family_t)family;
	ret->len = family == AF_INET6 ? sizeof(ret->in6) : sizeof(ret->in);
	net_address_set_port(ret, port);
}

/* The part after %: an interface name or number. */
static int parse_scope(const char *scope, uint32_t *ret)
{
	long long number;
	unsigned int index = if_nametoindex(scope);

	if (index == 0) {
		if (num_parse_decimal(scope, 1, UINT32_MAX, &number) < 0)
			return -EINVAL;
		index = (unsigned int)number;
	}
	*ret = index;
	return 0;
}

static int parse_in6(const char *host, uint16_t port, struct net_address *ret)
{
	char text[NET_HOST_TEXT];
	size_t len = strlen(host);
	char *scope;

	if (*host == '[') {
		if (len < 2 || host[len - 1] != ']')
			return -EINVAL;
		host++;
		len -= 2;
	}
	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, host, len);
	text[len] = '\0';

	net_address_any(ret, AF_INET6, port);
	scope = strchr(text, '%');
	if (scope) {
		*scope++ = '\0';
		if (parse_scope(scope, &ret->in6.sin6_scope_id) < 0)
			return -EINVAL;
	}
	return inet_pton(AF_INET6, text, &ret->in6.sin6_addr) == 1 ? 0 : -EINVAL;
}

int net_address_parse(const char *host, int family, uint16_t port, struct net_address *ret)
{
	struct net_address a;

	if (family == AF_UNSPEC || family == AF_INET) {
		net_address_any(&a, AF_INET, port);
		if (inet_pton(AF_INET, host, &a.in.sin_addr) == 1) {
			*ret = a;
			return 0;
		}
	}
	if ((family == AF_UNSPEC || family == AF_INET6) && parse_in6(host, port, &a) == 0) {
		*ret = a;
		return 0;
	}
	return -EINVAL;
}

int net_address_unix(const char *path, bool tight, struct net_address *ret)
{
	size_t len = strlen(path);

	if (len > NET_UNIX_PATH_MAX)
		return -ENAMETOOLONG;
	*ret = (struct net_address){ .len = 0 };
	ret->un.sun_family = AF_UNIX;
	memcpy(ret->un.sun_path, path, len);
	ret->len = tight ? (socklen_t)(unix_header + len) : (socklen_t)sizeof(ret->un);
	return 0;
}

int net_address_abstract(const char *name, size_t len, bool tight, struct net_address *ret)
{
	if (len > NET_UNIX_PATH_MAX - 1)
		return -ENAMETOOLONG;
	*ret = (struct net_address){ .len = 0 };
	ret->un.sun_family = AF_UNIX;
	memcpy(ret->un.sun_path + 1, name, len);
	ret->len = tight ? (socklen_t)(unix_header + 1 + len) : (socklen_t)sizeof(ret->un);
	return 0;
}

bool net_address_equal(const struct net_address *a, const struct net_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->in.sin_port == b->in.sin_port &&
		       a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	if (a->any.sa_family == AF_INET6)
		return a->in6.sin6_port == b->in6.sin6_port &&
		       memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16) == 0;
	if (a->any.sa_family == AF_UNIX) {
		size_t len = unix_name_length(a);

		return len == unix_name_length(b) &&
		       memcmp(a->un.sun_path, b->un.sun_path, len) == 0;
	}
	return a->len == b->len && memcmp(&a->storage, &b->storage, a->len) == 0;
}

int net_address_local(int fd, struct net_address *ret)
{
	*ret = (struct net_address){ .len = sizeof(ret->storage) };
	return getsockname(fd, &ret->any, &ret->len) < 0 ? -errno : 0;
}

int net_address_peer(int fd, struct net_address *ret)
{
	*ret = (struct net_address){ .len = sizeof(ret->storage) };
	return getpeername(fd, &ret->any, &ret->len) < 0 ? -errno : 0;
}
