/* SPDX-License-Identifier: MIT */
#pragma once

/* The nested attribute about the protocol above TCP (ulp.nest).  Pure. */

#include "diag/record.h"

void ulp_decode(struct sock_record *record);
