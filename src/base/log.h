/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Events that happen on the way: "listening on ...", "accepting connection".
 *
 * Library rooms never print.  They tell the log, and the log tells the sink
 * which the program installed; without a sink nothing is said.  Sentences that
 * end a function with an error belong into a struct err instead (err.h).
 */

#include "base/base.h"

enum log_level { LEVEL_FATAL, LEVEL_ERROR, LEVEL_WARN, LEVEL_NOTICE, LEVEL_INFO, LEVEL_DEBUG };

typedef void log_sink(void *context, enum log_level level, const char *text);

/* Installs the receiver of all events up to and including level. */
void log_open(log_sink *sink, void *context, enum log_level level);

/* Is anybody listening at this level?  For messages that are dear to make. */
bool log_wants(enum log_level level);

/* Makes every later event milder by that many steps; fatal ones stay fatal.
 * Returns by how many they were before. */
unsigned int log_soften(unsigned int steps);

/* Keeps errno.  A text is cut at 2047 bytes. */
void log_event(enum log_level level, const char *format, ...) printf_like(2, 3);

#define log_error(...) log_event(LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_event(LEVEL_WARN, __VA_ARGS__)
#define log_notice(...) log_event(LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_event(LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_event(LEVEL_DEBUG, __VA_ARGS__)
