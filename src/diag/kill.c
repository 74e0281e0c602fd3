/* SPDX-License-Identifier: MIT */
/* SOCK_DESTROY: the kernel ends a connection under its process. */

#include "base/platform.h"
#include "diag/diag.h"
#include "diag/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>

enum { COOKIE_HIGH_SHIFT = 32 };

struct diag_killer {
	struct netlink netlink; /* opened when first needed */
};

struct diag_killer *diag_killer_new(void)
{
	return new_object(struct diag_killer);
}

void diag_killer_free(struct diag_killer *killer)
{
	if (killer)
		netlink_close(&killer->netlink);
	free(killer);
}

static struct inet_diag_req_v2 request_of(const struct sock_record *record)
{
	static const uint8_t protocols[DIAG_TABLES] = {
		[DIAG_TCP] = IPPROTO_TCP,	[DIAG_UDP] = IPPROTO_UDP,
		[DIAG_RAW] = IPPROTO_RAW,	[DIAG_DCCP] = IPPROTO_DCCP,
		[DIAG_SCTP] = IPPROTO_SCTP,	[DIAG_MPTCP] = IPPROTO_MPTCP & UINT8_MAX,
	};
	struct inet_diag_req_v2 request = {
		.sdiag_family = record->family,
		.sdiag_protocol = protocols[record->table],
		.id = {
			.idiag_sport = htons((uint16_t)record->local.port),
			.idiag_dport = htons((uint16_t)record->peer.port),
			.idiag_if = record->interface,
			.idiag_cookie = { (uint32_t)record->cookie,
					  (uint32_t)(record->cookie >> COOKIE_HIGH_SHIFT) },
		},
	};

	memcpy(request.id.idiag_src, record->local.address, sizeof(request.id.idiag_src));
	memcpy(request.id.idiag_dst, record->peer.address, sizeof(request.id.idiag_dst));
	if (record->table == DIAG_RAW) /* which raw protocol */
		request.pad = record->protocol;
	return request;
}

int diag_kill(struct diag_killer *killer, const struct sock_record *record)
{
	struct inet_diag_req_v2 request;
	int r;

	if (!(TABLES_INET & TABLE_BIT(record->table)))
		return -EOPNOTSUPP;
	if (!killer->netlink.socket) {
		r = netlink_open(&killer->netlink, 0, NULL);
		if (r < 0)
			return r;
	}
	request = request_of(record);
	return netlink_command(&killer->netlink, SOCK_DESTROY, &request, sizeof(request));
}
