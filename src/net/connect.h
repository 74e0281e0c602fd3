/* SPDX-License-Identifier: MIT */
#pragma once

/* connect(2) and accept(2) that wait through task/: deadline and signals hold. */

#include "net/address.h"

/* Connects the socket; its blocking mode is as before afterwards.  A UNIX
 * socket whose listener's backlog is full waits too (a blocking connect,
 * offloaded), unless the socket was non-blocking.  0, -errno of the connection,
 * -ETIMEDOUT, -ECANCELED. */
int net_connect(int fd, const struct net_address *to);

/* The same for a socket that is known to be non-blocking, because we made it so: it
 * waits as if it were not, with fewer system calls. */
int net_connect_nonblocking(int fd, const struct net_address *to);

/* Waits for a connection.  The listening socket should be non-blocking, so that
 * a client which gave up does not block us.  Returns the new descriptor
 * (close-on-exec, blocking) or -errno. */
int net_accept(int fd, struct net_address *ret_peer);

/* The same for a listening socket that is known to be non-blocking, with which it does
 * not wait before it tries.  The new descriptor is non-blocking, too.  *ret_waited tells
 * that nobody was there yet. */
int net_accept_nonblocking(int fd, struct net_address *ret_peer, bool *ret_waited);
