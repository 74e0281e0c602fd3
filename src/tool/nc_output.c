/* SPDX-License-Identifier: MIT */
/* O_NONBLOCK would change stdout for everybody who shares it; these ways do
 * not.  See nc_output.h. */

#include "tool/nc_output.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum nc_output nc_output_kind(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) < 0)
		return OUTPUT_ANY;
	if (S_ISSOCK(st.st_mode))
		return OUTPUT_SOCKET;
	if (S_ISFIFO(st.st_mode))
		return OUTPUT_NOWAIT;
	return isatty(STDOUT_FILENO) ? OUTPUT_CHUNKS : OUTPUT_ANY;
}

ssize_t nc_output_write(enum nc_output *kind, uint8_t *data, size_t len)
{
	struct iovec all = { .iov_base = data, .iov_len = len };
	ssize_t n;

	if (*kind == OUTPUT_SOCKET)
		return send(STDOUT_FILENO, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (*kind == OUTPUT_NOWAIT) {
		n = pwritev2(STDOUT_FILENO, &all, 1, -1, RWF_NOWAIT);
		if (n >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS))
			return n;
		*kind = OUTPUT_CHUNKS;
	}
	if (*kind == OUTPUT_CHUNKS)
		len = MIN(len, (size_t)PIPE_BUF);
	return write(STDOUT_FILENO, data, len);
}
