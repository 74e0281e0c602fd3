/* SPDX-License-Identifier: MIT */
/* In the place of ss_maps.c where there is no libbpf: the options are refused, so there are
 * never any maps. */

#include "tool/ss_maps.h"

#include <stdio.h>
#include <stdlib.h>

static int refuse(void)
{
	fputs("ss: this build cannot print BPF maps (it has no libbpf)\n", stderr);
	return EXIT_FAILURE;
}

int ss_maps_all(struct ss_maps **maps)
{
	(void)maps;
	return refuse();
}

int ss_maps_add(struct ss_maps **maps, uint32_t id)
{
	(void)maps;
	(void)id;
	return refuse();
}

void ss_maps_free(struct ss_maps *maps)
{
	(void)maps;
}

void ss_maps_query(const struct ss_maps *maps, struct diag_query *query)
{
	(void)maps;
	(void)query;
}

void ss_maps_report(struct ss_maps *maps, struct report_options *report)
{
	(void)maps;
	(void)report;
}
