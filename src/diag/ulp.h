/* SPDX-License-Identifier: MIT */
#pragma once

/* The nested attribute about the protocol above TCP.  Pure. */

#include "diag/record.h"

void ulp_decode(const struct sock_bytes *nest, struct sock_record *ret);
