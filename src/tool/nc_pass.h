/* SPDX-License-Identifier: MIT */
#pragma once

/* -F: the connected socket goes to whoever holds the other end of standard output. */

#include "base/err.h"

/* Sends it as SCM_RIGHTS with one byte, non-blocking as ssh's ProxyUseFdpass expects it.
 * 0 or negative, with the sentence. */
int nc_pass_socket(int fd, struct err *err);
