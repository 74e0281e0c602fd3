/* SPDX-License-Identifier: MIT */
#pragma once

/* Lines of /proc/net/{tcp,udp,raw}{,6}.  Pure; the line has no line feed.
 * 0 or -EBADMSG. */

#include "diag/record.h"

int proc_parse_tcp(const char *line, size_t len, struct sock_record *ret);
int proc_parse_datagram(const char *line, size_t len, struct sock_record *ret);
