/* SPDX-License-Identifier: MIT */
#pragma once

/* The messages of filan and procan on stderr, in the lines of socat's log:
 * `2026/11/26 14:24:07 filan[6085] E unknown option -z`. */

#include "base/log.h"

/* Names the program in all lines and takes its events up to the level. */
void filan_message_open(const char *program, enum log_level level);

/* One error line; returns 1, the exit status of both programs for errors. */
int filan_fail(const char *format, ...) printf_like(1, 2);
