/* SPDX-License-Identifier: MIT */
#pragma once

/* -e and -c: a program talks to the peer. */

#include "tool/nc_couple.h"
#include "tool/ncat.h"

/* Both take the stream over.  Runs the program until it and the peer are done: the exit
 * status, or -ECANCELED. */
int ncat_command_run(struct ncat *n, struct stream **net);

/* Begins that; ended(owner) when it is done.  A loop must be open.  0 or negative, with
 * the sentence. */
int ncat_command_start(struct ncat *n, struct stream **net, const struct nc_couple_plan *plan,
		       struct err *err);
