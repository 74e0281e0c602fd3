/* SPDX-License-Identifier: MIT */
#pragma once

/* One question to the kernel about one socket. */

#include "diag/record.h"

/* Is the socket of this record there still?  Asks sock_diag about its cookie;
 * true for families of which it cannot be asked. */
bool diag_is_there(const struct sock_record *record);
