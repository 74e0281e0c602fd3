/* SPDX-License-Identifier: MIT */
/* A small HTTP server: it reads a request up to its empty line, answers with
 * one page, chunked as the tutorial's server does, and hangs up. */

#include "tool/tour.h"

#include "base/fd.h"
#include "net/address.h"
#include "task/child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, BACKLOG = 5 };

static const char answer[] =
	"HTTP/1.1 200 OK\r\n"
	"Content-Type: text/html; charset=UTF-8\r\n"
	"Transfer-Encoding: chunked\r\n"
	"Connection: close\r\n"
	"\r\n"
	"44\r\n"
	"<!doctype html><html><title>sockbox</title><p>It is a socket.</html>\r\n"
	"0\r\n"
	"\r\n";

/* Is the request complete?  The tutorial ends its lines with \n, \r\n and
 * \n\r, so carriage returns do not count. */
static bool has_empty_line(const char *request)
{
	int newlines = 0;

	for (; *request; request++) {
		if (*request == '\n' && ++newlines == 2)
			return true;
		if (*request != '\n' && *request != '\r')
			newlines = 0;
	}
	return false;
}

static void serve(int fd)
{
	auto_buf request = { .max = REQUEST_MAX };
	char piece[512];
	ssize_t n;

	while (!request.full && !has_empty_line(buf_text(&request))) {
		n = read(fd, piece, sizeof(piece));
		if (n <= 0)
			return;
		buf_put(&request, piece, (size_t)n);
	}
	(void)fd_write_all(fd, answer, sizeof(answer) - 1);
}

/* One after the other; the process lives as long as its parent at most. */
static _Noreturn void serve_all(int listener)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		(void)signal(ending[i], SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		auto_close int fd = accept(listener, NULL, NULL);

		if (fd >= 0)
			serve(fd);
	}
}

static int listen_on_loopback(int fd, uint16_t *ret_port)
{
	struct net_address address;
	int r;

	net_address_any(&address, AF_INET, 0);
	address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, &address.any, address.len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	r = net_address_local(fd, &address);
	if (r < 0)
		return r;
	*ret_port = (uint16_t)net_address_port(&address);
	return 0;
}

int tour_web_start(struct tour_web *ret, struct err *err)
{
	auto_close int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint16_t port = 0;
	pid_t pid;
	int r;

	r = listener < 0 ? -errno : listen_on_loopback(listener, &port);
	if (r < 0)
		return err_set(err, r, "HTTP server on 127.0.0.1: %s", err_reason(r));

	pid = child_fork(CHILD_SESSION);
	if (pid < 0)
		return err_set(err, (int)pid, "fork: %s", err_reason((int)pid));
	if (pid == 0)
		serve_all(listener);

	*ret = (struct tour_web){ pid, port };
	return 0;
}

void tour_web_stop(struct tour_web *web)
{
	if (web->pid <= 0)
		return;
	(void)kill(web->pid, SIGTERM);
	(void)waitpid(web->pid, NULL, 0);
	child_forget(web->pid);
	web->pid = 0;
}
