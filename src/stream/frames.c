/* SPDX-License-Identifier: MIT */
/* Streams over packet sockets: a frame of the interface is one block. */

#include "stream/wanted.h"

#include "net/frame.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>

/* The kernel takes the VLAN tag out of a frame.  A socket that asked for it
 * (PACKET_AUXDATA) gets it beside the frame, and it is put back. */
static size_t put_tag_back(struct msghdr *m, void *frame, size_t len, size_t size)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA ||
		    c->cmsg_len < CMSG_LEN(sizeof(aux)))
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			return frame_put_vlan(frame, len, size,
					      aux.tp_status & TP_STATUS_VLAN_TPID_VALID
						      ? aux.tp_vlan_tpid
						      : ETH_P_8021Q,
					      aux.tp_vlan_tci);
	}
	return len;
}

/* One frame, or what is not for us: then *ret_again is set. */
static ssize_t receive(struct stream *s, void *buf, size_t len, bool *ret_again)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct sockaddr_ll from = { .sll_pkttype = PACKET_HOST };
	struct iovec block = { .iov_base = buf, .iov_len = len };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &block,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(s->rfd, &m, MSG_DONTWAIT);

	*ret_again = n < 0 ? errno == EINTR : from.sll_pkttype == PACKET_OUTGOING || n == 0;
	if (n < 0)
		return -errno;
	return (ssize_t)put_tag_back(&m, buf, (size_t)n, len);
}

static ssize_t frames_read(struct stream *s, void *buf, size_t len)
{
	return read_wanted(s, buf, len, receive);
}

static ssize_t frames_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = send(s->wfd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static const struct stream_ops frame_ops = { frames_read, frames_write };

struct stream *stream_new_frames(int rfd, int wfd)
{
	struct stream *s = stream_new(rfd, wfd, END_CLOSE);

	s->ops = &frame_ops;
	s->packets = s->nonblocking = true;
	return s;
}
