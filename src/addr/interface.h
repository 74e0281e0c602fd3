/* SPDX-License-Identifier: MIT */
#pragma once

/* What INTERFACE and TUN share: flags and MTU of a network interface by options. */

#include "addr/addr.h"

/* Sets what iff-* and interface-mtu say; a flag that Linux does not let anybody
 * change is worth a warning.  fd: any socket.  s (or NULL) puts the flags back at
 * its end. */
int interface_set_up(struct opening *o, int fd, const char *name, struct stream *s);
