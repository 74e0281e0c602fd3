/* SPDX-License-Identifier: MIT */
#pragma once

/* Receiving packets together with what the kernel says about them. */

#include "net/address.h"
#include "net/ancillary.h"

/* recvmsg(2) without waiting.  Each fact that comes along is an event of the log
 * ("ancillary message: IP_TTL: ttl=64") and told to tell, if there is one.  Descriptors
 * that a peer sends are closed: nobody asked for them.  When there is no packet, queued
 * errors of earlier ones (ip-recverr) are told instead, so that poll(2) falls silent.
 * Bytes, or -errno. */
ssize_t net_receive(int fd, void *buf, size_t len, struct net_address *ret_from,
		    ancillary_tell *tell, void *context);
