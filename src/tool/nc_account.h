/* SPDX-License-Identifier: MIT */
#pragma once

/* What is told of one connection by --progress and --json, on standard error. */

#include "base/buf.h"
#include "tool/nc_ours.h"
#include "tool/nc_place.h"

struct nc_account {
	const struct nc_ours *ours;
	const struct nc_place *place;
	struct net_address peer, local; /* len 0: none */
	uint64_t sent, received;
	int64_t total;		 /* bytes to be sent, as far as a file tells; -1: nobody knows */
	int64_t began, shown_at; /* clock.h */
	uint64_t shown;		 /* bytes at that moment */
};

/* fd: the connection.  reads_input: standard input goes there. */
void nc_account_begin(struct nc_account *a, const struct nc_ours *ours,
		      const struct nc_place *place, int fd, bool reads_input);

void nc_account_sent(struct nc_account *a, size_t len);
void nc_account_received(struct nc_account *a, size_t len);

/* reason: 0, or the negative errno that ended it. */
void nc_account_end(struct nc_account *a, int reason);

/* A connection that could not be made, as JSON on standard error: an observer's `failed`. */
void nc_account_failed(const struct nc_place *place, const struct net_address *to, int reason);

/* One scanned port as JSON, on standard output. */
void nc_account_scanned(const struct nc_place *place, uint16_t port, enum nc_port_state state);

/* The two forms, pure.  elapsed: microseconds; rate: bytes per second of late. */
void nc_account_json(const struct nc_account *a, int64_t elapsed, int reason, struct buf *out);
void nc_account_line(const struct nc_account *a, int64_t elapsed, int64_t rate, struct buf *out);
