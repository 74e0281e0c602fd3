/* SPDX-License-Identifier: MIT */
/* Passing a descriptor; see nc_pass.h. */

#include "tool/nc_pass.h"

#include "base/fd.h"
#include "task/task.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int nc_pass_socket(int fd, struct err *err)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec byte = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int r;

	if (isatty(STDOUT_FILENO))
		return err_set(err, -ENOTTY, "Cannot pass file descriptor to tty");
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	r = fd_set_nonblock(fd, true);
	if (r == 0)
		r = task_wait(STDOUT_FILENO, POLLOUT);
	if (r == -ECANCELED)
		return r;
	if (r == 0 && sendmsg(STDOUT_FILENO, &message, MSG_NOSIGNAL) < 0)
		r = -errno;
	return r < 0 ? err_set(err, r, "sendmsg: %s", err_reason(r)) : 0;
}
