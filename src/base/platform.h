/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Constants that a C library or kernel header may lack.  A missing constant has
 * the kernel's number here, which never changes, or is -1; a table row that
 * carries -1 is left out when its index is built, so that no function and no
 * table needs a conditional.
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
#ifndef UDPLITE_SEND_CSCOV
#define UDPLITE_SEND_CSCOV 10
#endif
#ifndef UDPLITE_RECV_CSCOV
#define UDPLITE_RECV_CSCOV 11
#endif
#ifndef SOL_DCCP
#define SOL_DCCP 269
#endif
#ifndef DCCP_SOCKOPT_CCID
#define DCCP_SOCKOPT_CCID 13
#endif
#ifndef SCTP_NODELAY
#define SCTP_NODELAY 3
#endif
#ifndef SCTP_MAXSEG
#define SCTP_MAXSEG 13
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IPV6_AUTHHDR
#define IPV6_AUTHHDR 10
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
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
