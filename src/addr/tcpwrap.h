/* SPDX-License-Identifier: MIT */
#pragma once

/* The tables of hosts_access(5): who may talk to us. */

#include "net/address.h"

struct settings;

/* Reads the tables and, where a line needs it, looks up the peer's name; may wait.
 * What cannot be read or understood refuses everybody, with a warning. */
bool tcpwrap_permits(const struct settings *settings, const struct net_address *peer);
