/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The names of ports.
 *
 * A question about one port makes the C library read /etc/services from its beginning; a busy
 * host has tens of thousands of ports without a name.  So all names are read with the first
 * question, unless nsswitch.conf(5) names sources that need not tell all they have.
 */

#include "base/base.h"

struct services;

struct services *services_new(void);
void services_free(struct services *services);

/* The name of a port of IPPROTO_TCP, IPPROTO_UDP or any protocol (0), or NULL.  Valid as long as
 * the services are. */
const char *services_name(struct services *services, uint16_t port, int protocol);

/* The text of nsswitch.conf: are names of services in local files only, so that a list of them is
 * complete?  Pure. */
bool services_are_listed(const char *nsswitch);
