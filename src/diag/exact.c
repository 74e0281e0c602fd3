/* SPDX-License-Identifier: MIT */
/* sock_diag without NLM_F_DUMP: one socket by its addresses or inode, and its cookie. */

#include "diag/exact.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>

enum { REQUEST_MAX = 256, ANSWER_MAX = 1 << 13, COOKIE_HIGH_SHIFT = 32 };

static void set_cookie(uint32_t cookie[2], uint64_t value)
{
	cookie[0] = (uint32_t)value;
	cookie[1] = (uint32_t)(value >> COOKIE_HIGH_SHIFT);
}

static void put_inet(const struct sock_record *record, struct nlmsghdr *header)
{
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(header, sizeof(*request));

	request->sdiag_family = record->family;
	request->sdiag_protocol = record->table == DIAG_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	request->idiag_states = STATES_ALL;
	request->id.idiag_sport = htons((uint16_t)record->local.port);
	request->id.idiag_dport = htons((uint16_t)record->peer.port);
	memcpy(request->id.idiag_src, record->local.address, sizeof(record->local.address));
	memcpy(request->id.idiag_dst, record->peer.address, sizeof(record->peer.address));
	request->id.idiag_if = record->interface;
	set_cookie(request->id.idiag_cookie, record->cookie);
}

static void put_unix(const struct sock_record *record, struct nlmsghdr *header)
{
	struct unix_diag_req *request = mnl_nlmsg_put_extra_header(header, sizeof(*request));

	request->sdiag_family = AF_UNIX;
	request->udiag_states = STATES_ALL;
	request->udiag_ino = record->inode;
	set_cookie(request->udiag_cookie, record->cookie);
}

/* The kernel answers with the socket, or with an error. */
static bool ask(struct mnl_socket *socket, const struct nlmsghdr *request)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_MAX];
	const struct nlmsghdr *header = (const void *)answer;
	const struct nlmsgerr *error;
	ssize_t len;

	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return true;
	len = mnl_socket_recvfrom(socket, answer, sizeof(answer));
	if (len < 0 || !mnl_nlmsg_ok(header, (int)len) || header->nlmsg_type != NLMSG_ERROR ||
	    mnl_nlmsg_get_payload_len(header) < sizeof(*error))
		return true;
	error = mnl_nlmsg_get_payload(header);
	return error->error != -ENOENT && error->error != -ESTALE;
}

bool diag_is_there(const struct sock_record *record)
{
	_Alignas(struct nlmsghdr) char space[REQUEST_MAX] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(space);
	struct mnl_socket *socket;
	bool there;

	if (record->over_proc)
		return true;
	if (record->table == DIAG_TCP || record->table == DIAG_UDP)
		put_inet(record, request);
	else if (TABLES_UNIX & TABLE_BIT(record->table))
		put_unix(record, request);
	else
		return true;
	request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	request->nlmsg_flags = NLM_F_REQUEST;
	socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (!socket)
		return true;
	there = ask(socket, request);
	(void)mnl_socket_close(socket);
	return there;
}
