/* SPDX-License-Identifier: MIT */
#pragma once

/* The counters of a back-end, asked for over a connection of its own (past the relay). */

#include "base/base.h"

/* One line of JSON; the caller frees it. */
char *stats_fetch(const char *server);

/* The number with that name in it. */
uint64_t stats_number(const char *text, const char *name);
