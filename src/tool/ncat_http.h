/* SPDX-License-Identifier: MIT */
#pragma once

/* -l --proxy-type http: each client gets connected to where it wants. */

#include "tool/nc_couple.h"
#include "tool/ncat.h"

/* Takes the client over: hears its request, connects, and couples both; a request that
 * cannot be fulfilled is answered.  On a fiber.  0: plan->ended() will be called;
 * negative: it is over. */
int ncat_http_serve(struct ncat *n, struct stream **client, const struct nc_couple_plan *plan);
