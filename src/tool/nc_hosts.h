/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Who may connect: the lists of --allow and --deny.
 *
 *	192.0.2.7	10.0.0.0/8	10.0.1-5.*	-5.1.2.3	2001:db8::/32
 *	name		name/24
 *
 * Numeric patterns are parsed without I/O; a name is told, and whoever parses looks it
 * up and adds its addresses.
 */

#include "base/err.h"
#include "net/address.h"

enum { NC_HOSTS_OCTETS = 4, NC_HOSTS_BITS_MAX = 128 };

struct nc_host_pattern {
	int family; /* AF_INET: ranges; AF_INET6: bits of an address */
	uint8_t low[NC_HOSTS_OCTETS], high[NC_HOSTS_OCTETS];
	uint8_t address[16];
	unsigned int bits;
	bool is_masked; /* AF_INET, too: bits of an address instead of ranges */
};

struct nc_hosts {
	struct nc_host_pattern *items;
	size_t n;
};

/* One pattern: 0 and *ret; 1: a name with bits (-1: all of them), to be looked up;
 * -EINVAL. */
int nc_host_parse(const char *text, struct nc_host_pattern *ret, int *ret_bits);

/* The pattern of an address that was looked up. */
int nc_host_of_address(const struct net_address *a, int bits, struct nc_host_pattern *ret);

/* A copy of the pattern; is any of them that of the address? */
void nc_hosts_add(struct nc_hosts *list, const struct nc_host_pattern *pattern);
bool nc_hosts_contain(const struct nc_hosts *list, const struct net_address *a);
void nc_hosts_done(struct nc_hosts *list);
