/* SPDX-License-Identifier: MIT */
#pragma once

/* For GOPEN, which connects when the path is a socket. */

#include "addr/addr.h"

/* Connects to the socket at path, whatever its type: stream, seqpacket, then
 * datagram.  who begins the error: "GOPEN". */
int unix_open_client(struct opening *o, const char *who, const char *path, struct stream **ret);
