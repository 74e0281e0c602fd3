/* SPDX-License-Identifier: MIT */
/* VSOCK, between a virtual machine and its host: connect and listen. */

#include "addr/families.h"
#include "addr/socket.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

/* A number of 32 bits; nothing and -1 are "any". */
static int parse_number(struct opening *o, const char *what, const char *text, uint32_t *ret)
{
	long long number = -1;

	if (*text && num_parse_c(text, -1, UINT32_MAX, &number) < 0)
		return err_set(o->err, -EINVAL, "%s: %s \"%s\" is not a number 0..%u",
			       o->address->keyword, what, text, UINT32_MAX);
	*ret = (uint32_t)number;
	return 0;
}

static int parse_address(struct opening *o, const char *cid, const char *port,
			 struct net_address *ret)
{
	struct net_address a = { .len = sizeof(a.vm) };
	int r;

	a.vm.svm_family = AF_VSOCK;
	r = parse_number(o, "cid", cid, &a.vm.svm_cid);
	if (r == 0)
		r = parse_number(o, "port", port, &a.vm.svm_port);
	if (r == 0)
		*ret = a;
	return r;
}

/* What bind says: "cid:port", "cid:", "cid", ":port"; port where it says none. */
static int parse_local(struct opening *o, const char *port, struct net_address *ret)
{
	const char *text = o->address->settings.bind ? o->address->settings.bind : "";
	const char *colon = strchrnul(text, ':');
	auto_free char *cid = str_copy_n(text, (size_t)(colon - text));

	(void)opening_take(o, "bind");
	return parse_address(o, cid, *colon && colon[1] ? colon + 1 : port, ret);
}

static int bind_client(struct opening *o, const struct socket_kind *kind, int fd)
{
	struct net_address local;
	int r;

	(void)kind;
	if (!o->address->settings.bind)
		return socket_leave_unbound(o, fd);
	r = parse_local(o, "", &local);
	return r < 0 ? r : socket_bind(o, fd, &local, NULL);
}

static int open_connect(struct opening *o, struct stream **ret)
{
	const struct address *a = o->address;
	struct socket_kind kind;
	struct net_address peer;
	int fd, r;

	r = socket_kind(o, &kind);
	if (r == 0)
		r = parse_address(o, a->params[0], a->params[1], &peer);
	if (r < 0)
		return r;
	if (!*a->params[1])
		return err_set(o->err, -EINVAL, "%s: port is missing", a->keyword);
	fd = socket_open_connected(o, &kind, bind_client, &peer);
	if (fd < 0)
		return fd;
	*ret = socket_stream(fd, o);
	return 0;
}

/* By which number others reach us. */
static void tell_own_cid(void)
{
	auto_close int fd = open("/dev/vsock", O_RDONLY | O_CLOEXEC);
	unsigned int cid;

	if (fd >= 0 && ioctl(fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) == 0)
		log_notice("VSOCK: own cid is %u", cid);
}

static int listen_vsock(struct opening *o, struct listener **ret)
{
	const char *port = o->address->params[0];
	struct net_address local;
	struct socket_kind kind;
	int fd, r;

	if (!*port)
		return err_set(o->err, -EINVAL, "%s: port is missing", o->address->keyword);
	r = socket_kind(o, &kind);
	if (r == 0)
		r = parse_local(o, port, &local);
	if (r < 0)
		return r;
	fd = socket_new_bound(o, &kind, &local);
	if (fd < 0)
		return fd;
	tell_own_cid();
	return socket_listen(o, fd, ret);
}

#define VSOCK_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY)
#define VSOCK_ARGS .args = { .family = AF_VSOCK, .type = SOCK_STREAM }

static const struct addr_type rows[] = {
	{ "VSOCK-CONNECT VSOCK", ":<cid>:<port>", "connect to a port of a virtual machine or host",
	  VSOCK_GROUPS, DIR_BOTH, 2, 2, open_connect, VSOCK_ARGS },
	{ "VSOCK-LISTEN VSOCK-L", ":<port>", "wait for a connection of a virtual machine or host",
	  VSOCK_GROUPS | GROUP_LISTEN, DIR_BOTH, 1, 1, NULL, listen_vsock, VSOCK_ARGS },
};

const struct addr_table vsock_addresses = { rows, ARRAY_SIZE(rows) };
