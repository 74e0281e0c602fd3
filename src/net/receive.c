/* SPDX-License-Identifier: MIT */
/* Packets with their control messages; see receive.h. */

#include "net/receive.h"

#include "base/log.h"

#include <errno.h>
#include <unistd.h>

/* ERRORS_MAX: of one call; whoever makes more of them waits for the next one. */
enum { CONTROL_MAX = 1024, ERRORS_MAX = 64 };

/* Whom to tell, besides the log. */
struct listener_of_facts {
	ancillary_tell *tell;
	void *context;
};

static void log_and_tell(void *context, const struct ancillary_fact *fact)
{
	const struct listener_of_facts *to = context;

	log_info("ancillary message: %s: %s=%s", fact->type, fact->name, fact->value);
	if (to->tell)
		to->tell(to->context, fact);
}

static void drop_descriptor(int fd)
{
	log_info("closing descriptor %d, which came with a packet", fd);
	(void)close(fd);
}

static void read_control(const struct msghdr *m, struct listener_of_facts *to)
{
	struct ancillary_reader reader = { log_and_tell, to, if_indextoname };

	ancillary_descriptors(m->msg_control, m->msg_controllen, drop_descriptor);
	if (to->tell || log_wants(LEVEL_INFO))
		ancillary_decode(m->msg_control, m->msg_controllen, &reader);
}

static ssize_t receive(int fd, void *buf, size_t len, int flags, struct net_address *from,
		       struct listener_of_facts *to)
{
	_Alignas(struct cmsghdr) char control[CONTROL_MAX];
	struct iovec block = { .iov_base = buf, .iov_len = len };
	struct msghdr m = {
		.msg_name = &from->any,
		.msg_namelen = sizeof(from->storage),
		.msg_iov = &block,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &m, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	from->len = m.msg_namelen;
	if (m.msg_controllen)
		read_control(&m, to);
	return n;
}

/* Only IP sockets have such a queue; others would give a packet. */
static bool has_error_queue(int fd)
{
	int family = AF_UNSPEC;
	socklen_t len = sizeof(family);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == 0 &&
	       (family == AF_INET || family == AF_INET6);
}

static void receive_errors(int fd, struct listener_of_facts *to)
{
	struct net_address about;
	char byte;

	for (int i = 0; i < ERRORS_MAX; i++)
		if (receive(fd, &byte, 1, MSG_ERRQUEUE, &about, to) < 0)
			return;
}

ssize_t net_receive(int fd, void *buf, size_t len, struct net_address *ret_from,
		    ancillary_tell *tell, void *context)
{
	struct listener_of_facts to = { tell, context };
	ssize_t n = receive(fd, buf, len, 0, ret_from, &to);

	if (n < 0 && has_error_queue(fd))
		receive_errors(fd, &to);
	return n;
}
