/* SPDX-License-Identifier: MIT */
/*
 * Sockets between virtual machines and their host: vsock_diag.  There is no
 * text file that could replace it.
 *
 *	| family u8 | type u8 | state u8 | shutdown u8 | src cid u32 | src port u32
 *	| dst cid u32 | dst port u32 | ino u32 | cookie 2 x u32
 */

#include "diag/family.h"

#include <errno.h>
#include <linux/vm_sockets_diag.h>
#include <string.h>
#include <sys/socket.h>

enum { COOKIE_HIGH_SHIFT = 32 };

static void vsock_request(const struct diag_family *self, const struct diag_query *query,
			 uint8_t family, struct buf *out)
{
	struct vsock_diag_req request = {
		.sdiag_family = family,
		.sdiag_protocol = (uint8_t)self->protocol,
		.vdiag_states = query->states,
	};

	buf_put(out, &request, sizeof(request));
}

static void set_end(struct sock_end *end, uint32_t cid, uint32_t port)
{
	memcpy(end->address, &cid, sizeof(cid));
	end->port = port;
}

static int vsock_decode(const void *payload, size_t len, struct sock_record *ret)
{
	struct vsock_diag_msg message;

	if (len < sizeof(message))
		return -EBADMSG;
	memcpy(&message, payload, sizeof(message));

	ret->family = message.vdiag_family;
	ret->type = message.vdiag_type;
	ret->table = ret->type == SOCK_DGRAM ? DIAG_VSOCK_DGRAM : DIAG_VSOCK_STREAM;
	ret->state = message.vdiag_state;
	ret->shutdown = message.vdiag_shutdown;
	ret->inode = message.vdiag_ino;
	ret->cookie =
		(uint64_t)message.vdiag_cookie[1] << COOKIE_HIGH_SHIFT | message.vdiag_cookie[0];
	set_end(&ret->local, message.vdiag_src_cid, message.vdiag_src_port);
	set_end(&ret->peer, message.vdiag_dst_cid, message.vdiag_dst_port);
	return 0;
}

const struct diag_family diag_vsock = {
	.table = DIAG_VSOCK_STREAM,
	.tables = TABLES_VSOCK,
	.halves = { { AF_VSOCK, PROC_FILES } },
	.request = vsock_request,
	.decode = vsock_decode,
};
