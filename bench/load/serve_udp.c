/* SPDX-License-Identifier: MIT */
/* The UDP side of the back-end: counts packets, also those that the kernel has glued together
 * (GRO), and sends back those that ask for it: their first byte is not 0. */

#include "serve.h"
#include "load.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

enum { DATAGRAM_MAX = 65536, RECEIVE_BUFFER = 8 << 20, AT_ONCE = 64 };

struct receiver {
	struct watch watch;
	struct server *server;
};

/* The size of the pieces, if there are several; else 0. */
static size_t glued_size(struct msghdr *message)
{
	struct cmsghdr *c;
	int size;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&size, CMSG_DATA(c), sizeof(size));
			return (size_t)size;
		}
	}
	return 0;
}

static void send_back(int fd, const struct msghdr *from, const uint8_t *data, size_t len,
		      size_t piece)
{
	while (len > 0) {
		size_t n = MIN(len, piece);

		(void)sendto(fd, data, n, MSG_NOSIGNAL, from->msg_name, from->msg_namelen);
		data += n;
		len -= n;
	}
}

static void ready(struct watch *watch, uint32_t events)
{
	static uint8_t data[DATAGRAM_MAX];
	struct receiver *receiver = (struct receiver *)watch;
	struct counters *counters = &receiver->server->counters;

	int i;

	(void)events;
	for (i = 0; i < AT_ONCE; i++) {
		struct net_address peer;
		uint8_t control[64];
		struct iovec iov = { data, sizeof(data) };
		struct msghdr message = { &peer.any, sizeof(peer.storage), &iov, 1,
					  control,   sizeof(control),	   0 };
		ssize_t n = recvmsg(watch->fd, &message, 0);
		size_t piece;

		if (n < 0)
			return;

		piece = glued_size(&message);
		if (piece == 0)
			piece = MAX((size_t)n, 1);
		counters->packets += MAX(((size_t)n + piece - 1) / piece, 1);
		counters->packet_bytes += (size_t)n;
		if (n > 0 && data[0] != 0)
			send_back(watch->fd, &message, data, (size_t)n, piece);
	}
}

void serve_udp(struct server *server, uint16_t port, uint16_t *ret_port)
{
	struct receiver *receiver = new_object(struct receiver);
	struct net_address address;
	int on = 1, size = RECEIVE_BUFFER;

	(void)net_address_parse("127.0.0.1", AF_INET, port, &address);
	receiver->server = server;
	receiver->watch.ready = ready;
	receiver->watch.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(receiver->watch.fd, &address.any, address.len) < 0 ||
	    getsockname(receiver->watch.fd, &address.any, &address.len) < 0)
		fail("udp: %s", err_reason(-errno));

	(void)setsockopt(receiver->watch.fd, SOL_UDP, UDP_GRO, &on, sizeof(on));
	(void)setsockopt(receiver->watch.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	loop_add(&server->loop, &receiver->watch, EPOLLIN);
	*ret_port = (uint16_t)net_address_port(&address);
}
