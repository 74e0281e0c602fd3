/* SPDX-License-Identifier: MIT */
#pragma once

/* The back-end: one loop for a TCP, a UNIX and a UDP socket. */

#include "loop.h"

/* What it saw; `load stats` prints it. */
struct counters {
	uint64_t accepted;
	uint64_t active;
	uint64_t finished; /* ended by the client between two rounds */
	uint64_t cut;	   /* ended or reset within one */
	uint64_t reset;	   /* of these: with an error */
	uint64_t wrong;	   /* bytes or a hello that nobody had sent */
	uint64_t rounds;
	uint64_t received;
	uint64_t sent;
	uint64_t packets; /* UDP, as they left the sender */
	uint64_t packet_bytes;
};

struct server {
	struct loop loop;
	struct counters counters;
};

/* serve_udp.c: answers each packet with itself, except those of a flood. */
void serve_udp(struct server *server, uint16_t port, uint16_t *ret_port);
