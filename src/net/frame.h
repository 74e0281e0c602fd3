/* SPDX-License-Identifier: MIT */
#pragma once

/* What raw sockets put around the data.  Pure. */

#include "base/base.h"

enum { FRAME_VLAN_LEN = 4 };

/* The length of the header before the data of a packet; never more than len. */
typedef size_t frame_header(const void *packet, size_t len);
frame_header frame_ip4_header;

/* Moves the data to where the header was (NULL: there is none); its length. */
size_t frame_strip(void *packet, size_t len, frame_header *header);

/* Puts an 802.1Q tag behind the two hardware addresses of an Ethernet frame; what
 * does not fit into size is cut.  The new length. */
size_t frame_put_vlan(void *frame, size_t len, size_t size, uint16_t ethertype, uint16_t tag);
