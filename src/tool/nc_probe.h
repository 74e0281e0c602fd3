/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Finding out about one port, step by step and without waiting; nc_scan.c has many of
 * these going on.
 *
 *	start ──▶ running ──▶ ... an event or its moment ... ──▶ done
 *
 * A TCP port is connected to.  That takes no time on this host, so a connection is
 * asked for a second time at once; and a socket that was refused is used again for
 * the next port, which spares two system calls of three.  A datagram port gets two
 * bytes, and one more each second; ICMP says that it is closed.
 */

#include "base/err.h"
#include "tool/nc_place.h"

struct nc_probe {
	const struct nc_place *place;
	struct net_address to;
	int fd;			  /* -1: none; kept from one port to the next */
	int family;		  /* of fd */
	int64_t moment;		  /* when it wants to be asked, event or not */
	long long left;		  /* datagrams: so many bytes still to send */
	int reason;		  /* closed or failed: why */
	enum nc_port_state state; /* once it is done */
};

enum nc_probe_step {
	NC_PROBE_RUNNING, /* wait for an event on fd, or for the moment */
	NC_PROBE_DONE,	  /* state and reason tell */
};

/* For each address; a step, or negative with the sentence: it ends the program. */
int nc_probe_start(struct nc_probe *p, struct err *err);

/* After an event, or at its moment. */
int nc_probe_go_on(struct nc_probe *p);

void nc_probe_close(struct nc_probe *p);
