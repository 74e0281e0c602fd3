/* SPDX-License-Identifier: MIT */
/* ACCEPT-FD: accept connections on a listening socket that was inherited. */

#include "addr/families.h"
#include "addr/socket.h"
#include "base/fd.h"
#include "base/num.h"

#include <errno.h>
#include <limits.h>

static int listen_inherited(struct opening *o, struct listener **ret)
{
	const char *text = o->address->params[0];
	int listening = 0;
	socklen_t len = sizeof(listening);
	long long fd;
	int r;

	(void)opening_take(o, "sourceport"); /* of peers: peer_is_admitted() */
	(void)opening_take(o, "lowport");
	if (num_parse_c(text, 0, INT_MAX, &fd) < 0)
		return err_set(o->err, -EINVAL, "%s: \"%s\" is not a descriptor number",
			       o->address->keyword, text);
	if (getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0)
		return err_set(o->err, -errno, "%s:%lld: %s", o->address->keyword, fd,
			       err_reason(-errno));
	if (!listening)
		return err_set(o->err, -EINVAL, "%s:%lld: the socket does not listen",
			       o->address->keyword, fd);
	(void)fd_set_cloexec((int)fd, true);
	(void)fd_set_nonblock((int)fd, true);
	r = opening_apply(o, PHASE_LISTEN, (int)fd, NULL);
	if (r < 0)
		return r;
	*ret = listener_new(&socket_listener_ops, (int)fd);
	(*ret)->waiting = "listening on";
	return net_address_local((int)fd, &(*ret)->local);
}

static const struct addr_type rows[] = {
	{ "ACCEPT-FD ACCEPT", ":<fdnum>", "accept connections on an inherited listening socket",
	  GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_RANGE | GROUP_UNIX |
		  GROUP_IP4 | GROUP_IP6 | GROUP_UDP | GROUP_TCP | GROUP_SCTP | GROUP_DCCP |
		  GROUP_UDPLITE,
	  DIR_BOTH, 1, 1, NULL, listen_inherited },
};

const struct addr_table accept_fd_addresses = { rows, ARRAY_SIZE(rows) };
