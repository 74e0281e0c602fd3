/* SPDX-License-Identifier: MIT */
#pragma once

/* The six ways of UDP, which UDP-Lite shares: kind and port come from the row. */

#include "addr/addr.h"

/* <host>:<port>: connected; to one peer only; to one address, hearing everybody. */
int udp_connect(struct opening *o, struct stream **ret);
int udp_sendto(struct opening *o, struct stream **ret);
int udp_datagram(struct opening *o, struct stream **ret);

/* <port>: the packets of everybody; one packet, to be answered. */
int udp_recv(struct opening *o, struct stream **ret);
int udp_recvfrom(struct opening *o, struct listener **ret);

/* <port>: one peer (udp_listen.c). */
int udp_listen(struct opening *o, struct listener **ret);
extern const struct listener_ops udp_listener_ops; /* of udp_listen() */
