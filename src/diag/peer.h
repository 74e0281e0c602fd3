/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where the other end of a connection is, when it is on this host too: an index
 * of TCP connections by their addresses, and of UNIX sockets by their inodes.
 * It is filled by a listing of its own, before the one that asks it.
 */

#include "diag/record.h"

struct peers;

#define auto_peers __attribute__((__cleanup__(peers_cleanup))) struct peers *

struct peers *peers_new(void);
void peers_free(struct peers *peers);
void peers_cleanup(struct peers **peers);

/* Forgets all; the sockets of another namespace follow. */
void peers_clear(struct peers *peers);

/* Remembers a TCP or UNIX socket; others are left out. */
void peers_add(struct peers *peers, const struct sock_record *record);

/* The inode of the other end, or 0. */
uint32_t peers_inode(const struct peers *peers, const struct sock_record *record);

/* The name of a UNIX socket; empty when it has none. */
const struct sock_bytes *peers_name(const struct peers *peers, uint32_t inode);
