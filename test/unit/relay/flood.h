/* SPDX-License-Identifier: MIT */
#pragma once

/* Sockets that are filled and emptied by a test, without waiting; how much it was. */

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

static inline size_t fill(int fd)
{
	static const char data[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = send(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		total += (size_t)n;
	return total;
}

static inline size_t drain(int fd)
{
	static char data[65536];
	size_t total = 0;
	ssize_t n;

	while ((n = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		total += (size_t)n;
	return total;
}
