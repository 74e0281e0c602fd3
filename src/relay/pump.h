/* SPDX-License-Identifier: MIT */
#pragma once

/* Moves data between two open streams until both directions have ended. */

#include "relay/flow.h"

struct pump {
	struct flow flow[2];	/* left to right, right to left */
	bool runs[2];		/* does this direction exist? */
	int64_t closing_wait;	/* as in struct relay_options */
	int64_t idle_limit;
	void (*counts)(struct pump *pump, void *context); /* SIGUSR1; may be NULL */
	void *context;
};

/* 0: all ended; -ECANCELED: a signal ended it; else reading or writing failed. */
int pump_run(struct pump *pump, struct err *err);
