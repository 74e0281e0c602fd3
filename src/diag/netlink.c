/* SPDX-License-Identifier: MIT */
/* The transport of sock_diag over libmnl: one request, datagrams until DONE. */

#include "diag/netlink.h"
#include "base/log.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	REQUEST_MAX = 256,
	/* The kernel fills datagrams of up to 32 KiB when it sees that we have
	 * the room; a single unix row with many waiting peers may be larger. */
	RECEIVE_SIZE = 1 << 18,
	SOCKET_RECEIVE_SIZE = 1 << 20,
	SOCKET_SEND_SIZE = 1 << 15, /* as ss has it: a listing shows this socket too */
};

/* What a datagram says about the dump as a whole. */
enum datagram { DATAGRAM_MORE, DATAGRAM_DONE };

int netlink_open(struct netlink *nl, struct err *err)
{
	int receive_size = SOCKET_RECEIVE_SIZE, send_size = SOCKET_SEND_SIZE;
	int fd;

	*nl = (struct netlink){ 0 };
	nl->socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (!nl->socket)
		return err_set(err, -errno, "netlink socket: %s", strerror(errno));
	fd = mnl_socket_get_fd(nl->socket);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_size, sizeof(send_size));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof(receive_size));
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		int code = -errno;

		netlink_close(nl);
		return err_set(err, code, "bind netlink socket: %s", strerror(-code));
	}
	nl->buffer = mem_new(1, RECEIVE_SIZE);
	return 0;
}

void netlink_close(struct netlink *nl)
{
	if (nl->socket)
		(void)mnl_socket_close(nl->socket);
	free(nl->buffer);
	*nl = (struct netlink){ 0 };
}

static int send_request(struct netlink *nl, const void *request, size_t len)
{
	_Alignas(struct nlmsghdr) char space[REQUEST_MAX] = { 0 };
	struct nlmsghdr *header = mnl_nlmsg_put_header(space);

	if (len > sizeof(space) - sizeof(*header))
		return -EMSGSIZE;
	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = ++nl->sequence;
	memcpy(mnl_nlmsg_put_extra_header(header, len), request, len);
	return mnl_socket_sendto(nl->socket, header, header->nlmsg_len) < 0 ? -errno : 0;
}

/* The verdict in a DONE or ERROR message: 0 or -errno. */
static int verdict(const struct nlmsghdr *header)
{
	int code = 0;

	if (mnl_nlmsg_get_payload_len(header) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(header), sizeof(code));
	else if (header->nlmsg_type == NLMSG_ERROR)
		code = -EBADMSG;
	return code < 0 ? code : 0;
}

/* Handles the messages of one datagram.  Returns an enum datagram, a negative
 * errno, or what the receiver returned (negative). */
static int take_datagram(const struct netlink *nl, size_t received, bool *interrupted,
			 netlink_message *message, void *context)
{
	const void *at = nl->buffer;
	const struct nlmsghdr *header = at;
	int left = (int)received;
	int r;

	for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
		if (header->nlmsg_seq != nl->sequence ||
		    header->nlmsg_pid != mnl_socket_get_portid(nl->socket))
			continue; /* an answer to somebody else */
		if (header->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
			r = verdict(header);
			return r < 0 ? r : DATAGRAM_DONE;
		}
		r = message(context, mnl_nlmsg_get_payload(header),
			    mnl_nlmsg_get_payload_len(header));
		if (r < 0)
			return r;
	}
	return DATAGRAM_MORE;
}

int netlink_dump(struct netlink *nl, const void *request, size_t len, netlink_message *message,
		 void *context)
{
	bool interrupted = false;
	int r;

	r = send_request(nl, request, len);
	if (r < 0)
		return r;

	do {
		ssize_t received = mnl_socket_recvfrom(nl->socket, nl->buffer, RECEIVE_SIZE);

		if (received < 0 && errno == EINTR) {
			r = DATAGRAM_MORE;
			continue;
		}
		if (received <= 0)
			return received < 0 ? -errno : -EPIPE;
		r = take_datagram(nl, (size_t)received, &interrupted, message, context);
	} while (r == DATAGRAM_MORE);

	if (interrupted)
		log_warn("Dump was interrupted and may be inconsistent.");
	return r < 0 ? r : 0;
}
