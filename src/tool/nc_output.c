/* SPDX-License-Identifier: MIT */
/* O_NONBLOCK would change stdout for everybody who shares it; these ways do
 * not.  See nc_output.h. */

#include "tool/nc_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static enum nc_output_kind kind_of_stdout(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) < 0)
		return OUTPUT_ANY;
	if (S_ISSOCK(st.st_mode))
		return OUTPUT_SOCKET;
	if (S_ISFIFO(st.st_mode))
		return OUTPUT_NOWAIT;
	return isatty(STDOUT_FILENO) ? OUTPUT_TERMINAL : OUTPUT_ANY;
}

/* A terminal is writable when it has room for one byte, and then makes a longer write
 * wait.  Where it cannot be opened again, small writes must do. */
void nc_output_open(struct nc_output *out)
{
	*out = (struct nc_output){ .kind = kind_of_stdout(), .terminal = -1 };
	if (out->kind != OUTPUT_TERMINAL)
		return;
	out->terminal = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (out->terminal < 0)
		out->kind = OUTPUT_CHUNKS;
}

void nc_output_close(struct nc_output *out)
{
	if (out->terminal >= 0)
		(void)close(out->terminal);
	out->terminal = -1;
}

ssize_t nc_output_write(struct nc_output *out, uint8_t *data, size_t len)
{
	struct iovec all = { .iov_base = data, .iov_len = len };
	ssize_t n;

	if (out->kind == OUTPUT_SOCKET)
		return send(STDOUT_FILENO, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (out->kind == OUTPUT_TERMINAL)
		return write(out->terminal, data, len);
	if (out->kind == OUTPUT_NOWAIT) {
		n = pwritev2(STDOUT_FILENO, &all, 1, -1, RWF_NOWAIT);
		if (n >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS))
			return n;
		out->kind = OUTPUT_CHUNKS;
	}
	if (out->kind == OUTPUT_CHUNKS)
		len = MIN(len, (size_t)PIPE_BUF);
	return write(STDOUT_FILENO, data, len);
}
