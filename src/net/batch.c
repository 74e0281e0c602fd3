/* SPDX-License-Identifier: MIT */
/* Packets in batches; see batch.h. */

#include "net/batch.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

/* Room for one number. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

bool net_batch_is_empty(const struct net_batch *batch)
{
	return batch->at == batch->n;
}

size_t net_run_packets(const struct net_run *run)
{
	return run->len <= run->packet_size ? 1
					    : (run->len + run->packet_size - 1) / run->packet_size;
}

static int get_option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(fd, level, name, &value, &len) < 0 ? 0 : value;
}

static bool is_udp(int fd)
{
	return get_option(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP;
}

static bool asks_for_errors(int fd)
{
	return get_option(fd, IPPROTO_IP, IP_RECVERR) || get_option(fd, IPPROTO_IPV6, IPV6_RECVERR);
}

bool net_batch_prepare(int from, int to)
{
	int on = 1;

	if (!is_udp(from) || !is_udp(to) || asks_for_errors(from))
		return false;
	(void)setsockopt(from, SOL_UDP, UDP_GRO, &on, sizeof(on));
	return true;
}

/* The size of the packets in a run; 0: it is a single one. */
static size_t size_of_packets(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		int size;

		if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO)
			continue;
		memcpy(&size, CMSG_DATA(c), sizeof(size));
		return (size_t)size;
	}
	return 0;
}

/* Each packet of the run loses what is behind most bytes. */
static void cut(struct net_run *run, size_t most)
{
	size_t kept = 0;

	if (run->packet_size <= most)
		return;
	for (size_t at = 0; at < run->len; at += run->packet_size) {
		size_t len = MIN(MIN(run->packet_size, run->len - at), most);

		memmove(run->data + kept, run->data + at, len);
		kept += len;
	}
	run->len = kept;
	run->packet_size = most;
}

static void read_run(struct net_batch *batch, size_t i, struct mmsghdr *message, size_t most)
{
	struct net_run *run = &batch->run[i];
	size_t size = size_of_packets(&message->msg_hdr);

	run->from.len = message->msg_hdr.msg_namelen;
	run->data = batch->memory[i];
	run->len = message->msg_len;
	run->packet_size = size ? size : run->len;
	cut(run, most);
}

int net_batch_receive(int fd, struct net_batch *batch, size_t most)
{
	struct mmsghdr messages[NET_RUNS];
	union control control[NET_RUNS];
	struct iovec block[NET_RUNS];
	int n;

	for (size_t i = 0; i < NET_RUNS; i++) {
		block[i] = (struct iovec){ batch->memory[i], NET_RUN_SIZE };
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->run[i].from.any,
			.msg_namelen = sizeof(batch->run[i].from.storage),
			.msg_iov = &block[i],
			.msg_iovlen = 1,
			.msg_control = &control[i],
			.msg_controllen = sizeof(control[i]),
		};
	}
	batch->at = batch->n = 0;
	batch->ended = false;
	n = recvmmsg(fd, messages, NET_RUNS, MSG_DONTWAIT, NULL);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	batch->n = (size_t)n;
	batch->drained = n < NET_RUNS;
	for (size_t i = 0; i < batch->n; i++)
		read_run(batch, i, &messages[i], most);
	return 0;
}

void net_batch_keep(struct net_batch *batch, bool (*ask)(void *context, const struct net_run *run),
		    void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < batch->n; i++)
		if (ask(context, &batch->run[i]))
			batch->run[kept++] = batch->run[i];
	batch->n = kept;
}

static void write_size(struct msghdr *m, union control *control, const struct net_run *run)
{
	uint16_t size = (uint16_t)run->packet_size;

	if (run->len <= run->packet_size)
		return;
	control->header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(size)),
		.cmsg_level = SOL_UDP,
		.cmsg_type = UDP_SEGMENT,
	};
	memcpy(CMSG_DATA(&control->header), &size, sizeof(size));
	m->msg_control = control;
	m->msg_controllen = CMSG_SPACE(sizeof(size));
}

/* As many runs as the kernel takes at once.  1: some were sent. */
static int send_runs(int fd, struct net_batch *batch, const struct net_address *to)
{
	struct mmsghdr messages[NET_RUNS];
	union control control[NET_RUNS];
	struct iovec block[NET_RUNS];
	struct net_address name = to ? *to : (struct net_address){ 0 };
	size_t n = batch->n - batch->at;
	int sent;

	for (size_t i = 0; i < n; i++) {
		const struct net_run *run = &batch->run[batch->at + i];

		block[i] = (struct iovec){ run->data, run->len };
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = to ? &name.any : NULL,
			.msg_namelen = name.len,
			.msg_iov = &block[i],
			.msg_iovlen = 1,
		};
		write_size(&messages[i].msg_hdr, &control[i], run);
	}
	sent = sendmmsg(fd, messages, (unsigned int)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	batch->at += (size_t)sent;
	return 1;
}

/* The packets of the next run, one by one. */
static int send_apart(int fd, struct net_batch *batch, const struct net_address *to)
{
	struct net_run *run = &batch->run[batch->at];

	do {
		size_t len = MIN(run->len, run->packet_size);
		ssize_t n = sendto(fd, run->data, len, MSG_DONTWAIT | MSG_NOSIGNAL,
				   to ? &to->any : NULL, to ? to->len : 0);

		if (n < 0)
			return errno == EINTR ? -EAGAIN : -errno;
		run->data += len;
		run->len -= len;
	} while (run->len);
	batch->at++;
	return 1;
}

/* No such option, too many packets, longer than the link takes, a device that cannot. */
static bool refuses_runs(int r)
{
	return r == -EINVAL || r == -EIO || r == -EMSGSIZE || r == -EOPNOTSUPP || r == -ENOPROTOOPT;
}

int net_batch_send(int fd, struct net_batch *batch, const struct net_address *to, bool *runs)
{
	int r = 1;

	while (r > 0 && !net_batch_is_empty(batch)) {
		bool is_run = net_run_packets(&batch->run[batch->at]) > 1;
		bool is_only = batch->n - batch->at == 1 && !is_run; /* the cheapest call will do */

		r = is_only || (is_run && !*runs) ? send_apart(fd, batch, to)
						  : send_runs(fd, batch, to);
		if (is_run && *runs && refuses_runs(r)) {
			*runs = false;
			r = 1;
		}
	}
	return MIN(r, 0);
}
