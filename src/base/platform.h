/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Constants that a C library or kernel header may lack.  A missing constant is
 * -1 here; a table row that carries -1 is left out when its index is built, so
 * that no function and no table needs a conditional.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif
#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP 33
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SO_BSDCOMPAT
#define SO_BSDCOMPAT (-1)
#endif
#ifndef SO_SECURITY_AUTHENTICATION
#define SO_SECURITY_AUTHENTICATION (-1)
#endif
#ifndef SO_SECURITY_ENCRYPTION_TRANSPORT
#define SO_SECURITY_ENCRYPTION_TRANSPORT (-1)
#endif
#ifndef SO_SECURITY_ENCRYPTION_NETWORK
#define SO_SECURITY_ENCRYPTION_NETWORK (-1)
#endif
