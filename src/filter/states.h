/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The words of ss that choose states: `state listening exclude closed`.  They
 * stand before an expression; the rest of the language will live beside them.
 */

#include "base/err.h"
#include "diag/table.h"

/*
 * Reads state words from the beginning of words[], which ends with NULL.
 * *states is replaced when there is at least one word, and may become empty.
 * Returns how many entries were used, -EINVAL for an unknown state, -ENODATA
 * when the name after `state` is missing.
 */
int filter_states(char *const *words, diag_states *states, struct err *err);
