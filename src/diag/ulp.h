/* SPDX-License-Identifier: MIT */
#pragma once

/* The nested attribute about the protocol above TCP (ulp.nest).  Pure. */

#include "diag/record.h"

/* Reads record->ulp.nest into the rest of record->ulp; what is unknown or cut is skipped. */
void ulp_decode(struct sock_record *record);
