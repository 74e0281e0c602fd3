/* SPDX-License-Identifier: MIT */
/* The transport of sock_diag over libmnl: one request, datagrams until DONE. */

#include "diag/netlink.h"
#include "base/fd.h"
#include "base/log.h"
#include "task/task.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	/* The kernel fills datagrams of up to 32 KiB when it sees that we have
	 * the room; a single unix row with many waiting peers may be larger. */
	RECEIVE_SIZE = 1 << 18,
	SOCKET_RECEIVE_SIZE = 1 << 20,
	SOCKET_SEND_SIZE = 1 << 15, /* as ss has it: a listing shows this socket too */
};

/* What a datagram says about the dump as a whole. */
enum datagram { DATAGRAM_MORE, DATAGRAM_DONE };

int netlink_open(struct netlink *nl, uint32_t groups, struct err *err)
{
	int receive_size = SOCKET_RECEIVE_SIZE, send_size = SOCKET_SEND_SIZE;
	int fd;

	*nl = (struct netlink){ 0 };
	nl->socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (!nl->socket)
		return err_set(err, -errno, "Cannot open netlink socket: %s", strerror(errno));
	fd = mnl_socket_get_fd(nl->socket);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_size, sizeof(send_size));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof(receive_size));
	if (mnl_socket_bind(nl->socket, groups, MNL_SOCKET_AUTOPID) < 0) {
		int code = -errno;

		netlink_close(nl);
		return err_set(err, code, "Cannot bind netlink socket: %s", strerror(-code));
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

static int send_request(struct netlink *nl, uint16_t type, uint16_t flags, const void *request,
			size_t len)
{
	struct nlmsghdr header = {
		.nlmsg_len = (uint32_t)(sizeof(header) + len),
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
		.nlmsg_seq = ++nl->sequence,
	};
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ (void *)(uintptr_t)request, len },
	};
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr message = {
		.msg_name = &kernel,
		.msg_namelen = sizeof(kernel),
		.msg_iov = parts,
		.msg_iovlen = ARRAY_SIZE(parts),
	};

	return sendmsg(mnl_socket_get_fd(nl->socket), &message, 0) < 0 ? -errno : 0;
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

/* The next message of a datagram, without a call: there are as many as sockets. */
static const struct nlmsghdr *next_message(const char **at, const char *end)
{
	const struct nlmsghdr *header = (const void *)*at;
	size_t left = (size_t)(end - *at);

	if (left < sizeof(*header) || header->nlmsg_len < sizeof(*header) ||
	    header->nlmsg_len > left)
		return NULL;
	*at += MIN((size_t)NLMSG_ALIGN(header->nlmsg_len), left);
	return header;
}

static int hand_on(const struct nlmsghdr *header, netlink_message *message, void *context)
{
	return message(context, header + 1, header->nlmsg_len - sizeof(*header));
}

/* Handles the messages of one datagram.  Returns an enum datagram, a negative
 * errno, or what the receiver returned (negative). */
static int take_datagram(const struct netlink *nl, size_t received, bool *interrupted,
			 netlink_message *message, void *context)
{
	const char *at = nl->buffer, *end = at + received;
	uint32_t port = mnl_socket_get_portid(nl->socket);
	const struct nlmsghdr *header;
	int r;

	while ((header = next_message(&at, end))) {
		if (header->nlmsg_seq != nl->sequence || header->nlmsg_pid != port)
			continue; /* an answer to somebody else */
		if (header->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
			r = verdict(header);
			return r < 0 ? r : DATAGRAM_DONE;
		}
		r = message ? hand_on(header, message, context) : 0;
		if (r < 0)
			return r;
	}
	return DATAGRAM_MORE;
}

/* A datagram as it came, padded as messages are. */
static int save_datagram(const struct netlink *nl, size_t received)
{
	static const char padding[NLMSG_ALIGNTO];
	int r;

	if (!nl->save_fd)
		return 0;
	r = fd_write_all(nl->save_fd, nl->buffer, received);
	return r < 0 ? r : fd_write_all(nl->save_fd, padding, NLMSG_ALIGN(received) - received);
}

/* The next datagram's length, or -errno. */
static ssize_t receive(struct netlink *nl)
{
	ssize_t received;

	do
		received = mnl_socket_recvfrom(nl->socket, nl->buffer, RECEIVE_SIZE);
	while (received < 0 && errno == EINTR);
	if (received < 0)
		return -errno;
	return received ? received : -EPIPE;
}

static int take_answers(struct netlink *nl, netlink_message *message, void *context)
{
	bool interrupted = false;
	int r;

	do {
		ssize_t received = receive(nl);

		if (received < 0)
			return (int)received;
		r = save_datagram(nl, (size_t)received);
		if (r < 0)
			return r;
		r = take_datagram(nl, (size_t)received, &interrupted, message, context);
	} while (r == DATAGRAM_MORE);

	if (interrupted)
		log_warn("Dump was interrupted and may be inconsistent.");
	return r < 0 ? r : 0;
}

int netlink_dump(struct netlink *nl, uint16_t type, const void *request, size_t len,
		 netlink_message *message, void *context)
{
	int r = send_request(nl, type, NLM_F_DUMP, request, len);

	return r < 0 ? r : take_answers(nl, message, context);
}

int netlink_command(struct netlink *nl, uint16_t type, const void *request, size_t len)
{
	int r = send_request(nl, type, NLM_F_ACK, request, len);

	return r < 0 ? r : take_answers(nl, NULL, NULL);
}

/* Events carry neither our number nor our port. */
static int take_events(const struct netlink *nl, size_t received, netlink_message *message,
		       void *context)
{
	const char *at = nl->buffer, *end = at + received;
	const struct nlmsghdr *header;
	int r = 0;

	while (r >= 0 && (header = next_message(&at, end)))
		if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY)
			r = hand_on(header, message, context);
	return r;
}

int netlink_listen(struct netlink *nl, netlink_message *message, void *context)
{
	int r;

	do {
		ssize_t received;

		r = task_wait(mnl_socket_get_fd(nl->socket), POLLIN);
		if (r < 0)
			break;
		received = receive(nl);
		if (received == -ENOBUFS) {
			log_warn("ss: events were lost");
			continue;
		}
		r = received < 0 ? (int)received
				 : take_events(nl, (size_t)received, message, context);
	} while (r >= 0);
	return r;
}
