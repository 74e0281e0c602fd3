/* SPDX-License-Identifier: MIT */
/* ACCEPT-FD: accept connections on a listening socket that was inherited, known by its
 * number or, from a supervisor like systemd, by its name. */

#include "addr/families.h"
#include "addr/listen_fds.h"
#include "addr/socket.h"
#include "base/fd.h"
#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* A number, or the name that a supervisor gave it. */
static int descriptor(struct opening *o)
{
	const char *text = o->address->params[0];
	const struct listen_fds passed = {
		.pid = getenv("LISTEN_PID"),
		.count = getenv("LISTEN_FDS"),
		.names = getenv("LISTEN_FDNAMES"),
	};
	struct err reason = { 0 };
	long long number;
	int fd;

	if (num_parse_c(text, 0, INT_MAX, &number) == 0)
		return (int)number;
	fd = listen_fds_find(&passed, getpid(), text, &reason);
	if (fd < 0)
		return err_set(o->err, -EINVAL, "%s: \"%s\" is not a descriptor number: %s",
			       o->address->keyword, text, reason.text);
	return fd;
}

static int listen_inherited(struct opening *o, struct listener **ret)
{
	int fd, listening = 0;
	socklen_t len = sizeof(listening);
	int r;

	(void)opening_take(o, "sourceport"); /* of peers: peer_is_admitted() */
	(void)opening_take(o, "lowport");
	fd = descriptor(o);
	if (fd < 0)
		return fd;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0)
		return err_set(o->err, -errno, "%s:%d: %s", o->address->keyword, fd,
			       err_reason(-errno));
	if (!listening)
		return err_set(o->err, -EINVAL, "%s:%d: the socket does not listen",
			       o->address->keyword, fd);
	(void)fd_set_cloexec(fd, true);
	(void)fd_set_nonblock(fd, true);
	r = opening_apply(o, PHASE_LISTEN, fd, NULL);
	if (r < 0)
		return r;
	*ret = listener_new(&socket_listener_ops, fd);
	(*ret)->waiting = "listening on";
	return net_address_local(fd, &(*ret)->local);
}

static const struct addr_type rows[] = {
	{ "ACCEPT-FD ACCEPT", ":<fdnum>", "accept connections on an inherited listening socket",
	  GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_RANGE | GROUP_UNIX |
		  GROUP_IP4 | GROUP_IP6 | GROUP_UDP | GROUP_TCP | GROUP_SCTP | GROUP_DCCP |
		  GROUP_UDPLITE,
	  DIR_BOTH, 1, 1, NULL, listen_inherited },
};

const struct addr_table accept_fd_addresses = { rows, ARRAY_SIZE(rows) };
