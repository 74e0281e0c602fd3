/* SPDX-License-Identifier: MIT */
#pragma once

/* --bpf-maps and --bpf-map-id: which maps are asked for, and their values as text. */

#include "diag/diag.h"
#include "report/report.h"

struct ss_maps;

/* Asks for all maps, and for one more.  SS_GO_ON, or the exit status when that cannot be (what
 * there was to say has been printed).  *maps is made when it is NULL. */
int ss_maps_all(struct ss_maps **maps);
int ss_maps_add(struct ss_maps **maps, uint32_t id);
void ss_maps_free(struct ss_maps *maps);

/* Tells the kernel and the report; nothing when maps is NULL.  They borrow from it. */
void ss_maps_query(const struct ss_maps *maps, struct diag_query *query);
void ss_maps_report(struct ss_maps *maps, struct report_options *report);
