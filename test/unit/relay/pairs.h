/* SPDX-License-Identifier: MIT */
#pragma once

/* The two ends of a flow, of every kind: one for the flow, one for the test. */

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

/* fds[0] is the one the flow gets. */
typedef void make_pair(int fds[2], bool flow_reads);

static inline void unix_pair(int fds[2], bool flow_reads)
{
	(void)flow_reads;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

static inline void tcp_pair(int fds[2], bool flow_reads)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *a = (struct sockaddr *)&address;
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)flow_reads;
	assert_int_equal(bind(listener, a, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, a, &len), 0);
	fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fds[1], a, len), 0);
	fds[0] = accept(listener, NULL, NULL);
	assert_true(fds[0] >= 0);
	(void)close(listener);
}

static inline void pipe_pair(int fds[2], bool flow_reads)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fds[0] = ends[flow_reads ? 0 : 1];
	fds[1] = ends[flow_reads ? 1 : 0];
}

/* A file: the test reads it through a descriptor of its own. */
static inline void file_pair(int fds[2], bool flow_reads)
{
	char name[] = "/tmp/splice-XXXXXX";

	(void)flow_reads;
	fds[0] = mkstemp(name);
	assert_true(fds[0] >= 0);
	fds[1] = open(name, O_RDWR | O_CLOEXEC);
	assert_true(fds[1] >= 0);
	(void)unlink(name);
}
