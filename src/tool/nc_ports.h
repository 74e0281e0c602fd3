/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The port operands of nc: numbers, service names and ranges, as one list in
 * the order in which they will be tried.  Pure: who knows the services is
 * asked through a function.
 */

#include "base/base.h"
#include "base/err.h"

struct nc_ports {
	uint16_t *items;
	size_t n;
};

#define auto_ports __attribute__((__cleanup__(nc_ports_done))) struct nc_ports

/* The port of a service name: 0 and *ret, or negative: there is none. */
typedef int nc_service_fn(const void *context, const char *name, uint16_t *ret);

struct nc_services {
	nc_service_fn *find;
	const void *context;
};

/* Appends what one operand names: `80`, `http`, `20-25`, `25-20` (turned
 * round), `20-http`.  0 or -EINVAL. */
int nc_ports_add(struct nc_ports *list, const char *word, const struct nc_services *services,
		 struct err *err);

/* Puts the list into an order of chance; random(limit) gives 0..limit-1. */
void nc_ports_shuffle(struct nc_ports *list, size_t (*random)(size_t limit));

void nc_ports_done(struct nc_ports *list);
