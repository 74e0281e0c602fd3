/* SPDX-License-Identifier: MIT */
#pragma once

/* Long options that all dialects have, as no netcat uses these names. */

#include "tool/nc_getopt.h"
#include "tool/nc_tls.h"

struct nc_ours {
	struct nc_tls tls;
	int tls_given; /* --tls itself, not a dialect's word for it */
	int progress, json, dual_stack;
	int64_t wait_for; /* microseconds; 0: one attempt */
	int64_t max_rate; /* bytes per second; 0: any */
};

/* The rows, storing into this. */
struct nc_option_table nc_ours_table(struct nc_ours *base);

/* What follows from what was given: everything about TLS means TLS. */
void nc_ours_imply(struct nc_ours *ours);
