/* SPDX-License-Identifier: MIT */
#pragma once

/* What the kernel says about a packet besides its bytes: control messages (cmsg(3)) of
 * sockets, IPv4 and IPv6, as facts in text.  Pure: bytes in, facts out. */

#include "base/base.h"

#include <net/if.h>

/* "IP_PKTINFO: if=lo" in logs, IP_IF=lo in the environment. */
struct ancillary_fact {
	const char *type, *name;
	const char *variable; /* without prefix; NULL: none */
	const char *value;
};

typedef void ancillary_tell(void *context, const struct ancillary_fact *fact);

/* The name of an interface, written to out (IF_NAMESIZE bytes); NULL: it has none. */
typedef char *ancillary_interface(unsigned int index, char *out);

struct ancillary_reader {
	ancillary_tell *tell;
	void *context;
	ancillary_interface *interface; /* NULL: interfaces are told by number */
};

/* Tells the facts of all messages in a control buffer, in order.  A message that is cut
 * short tells what is whole; one that nobody knows is told in hex, without variable. */
void ancillary_decode(const void *control, size_t len, const struct ancillary_reader *reader);

/* Calls visit for each descriptor that came along (SCM_RIGHTS, SCM_PIDFD). */
void ancillary_descriptors(const void *control, size_t len, void (*visit)(int fd));
