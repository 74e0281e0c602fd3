/* SPDX-License-Identifier: MIT */
#pragma once

/* Socket addresses as values: made, compared, printed.  Nothing here waits. */

#include "base/base.h"
#include "base/err.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/vm_sockets.h>

struct net_address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_vm vm;
		struct sockaddr_storage storage;
	};
	socklen_t len; /* 0: no address */
};

enum {
	NET_HOST_TEXT = 64,	/* a numeric host, with brackets and scope */
	NET_ADDRESS_TEXT = 512, /* the log form of any address */
	NET_UNIX_PATH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path),
};

/* The log form: `AF=2 1.2.3.4:80`, `AF=10 [0000:...:0001]:80`, `AF=1 "path"`,
 * `AF=40 cid:3 port:5`, other families in hex (`AF=17 0x0003...`).  Returns out. */
const char *net_address_text(const struct net_address *a, char *out, size_t size);

/* The host alone: dotted, `[0000:...:0001]` (8 groups of 4 digits), a path or
 * abstract name (`\0name`), both escaped, `<anon>`, a cid.  As in
 * SOCAT_PEERADDR.  Returns out. */
const char *net_address_host(const struct net_address *a, char *out, size_t size);

/* The host alone in inet_ntop(3) form, without brackets; "" if not IP. */
const char *net_address_numeric(const struct net_address *a, char *out, size_t size);

/* Port of an IPv4, IPv6 or VSOCK address; -1 for others. */
long net_address_port(const struct net_address *a);
void net_address_set_port(struct net_address *a, uint16_t port);

/* An IPv6 address that stands for one of IPv4 (RFC 4291 2.5.5.2) becomes that; the port
 * stays.  True: it was one. */
bool net_address_unmap(struct net_address *a);

/* Wildcard address of the family (AF_INET, AF_INET6). */
void net_address_any(struct net_address *ret, int family, uint16_t port);

/* A numeric IPv4 address or IPv6 address (with or without brackets, with or
 * without %scope, by name or number).  family AF_UNSPEC takes both.  0 or
 * -EINVAL. */
int net_address_parse(const char *host, int family, uint16_t port, struct net_address *ret);

/* A UNIX domain path.  -ENAMETOOLONG past sun_path (108 bytes, NUL not
 * needed).  tight: the length covers only what is used. */
int net_address_unix(const char *path, bool tight, struct net_address *ret);

/* An abstract name of len bytes, which may be any.  Not tight: the rest of
 * sun_path is padding and belongs to the name (unix(7)). */
int net_address_abstract(const char *name, size_t len, bool tight, struct net_address *ret);

/* Same family, host and port; for other families the same name or bytes. */
bool net_address_equal(const struct net_address *a, const struct net_address *b);

/* getsockname(2) and getpeername(2).  0 or -errno. */
int net_address_local(int fd, struct net_address *ret);
int net_address_peer(int fd, struct net_address *ret);
