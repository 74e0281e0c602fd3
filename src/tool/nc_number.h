/* SPDX-License-Identifier: MIT */
#pragma once

/* Whole decimal numbers of nc's command line, with netcat's three reasons for
 * refusing one: "invalid", "too small", "too large".  Pure. */

#include "base/base.h"

/* 0 and *ret, or -EINVAL, -ERANGE and *ret_why. */
int nc_number(const char *text, long long min, long long max, long long *ret, const char **ret_why);
