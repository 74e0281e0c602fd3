/* SPDX-License-Identifier: MIT */
#pragma once

/* What socat says about itself: all of it comes from the rows. */

enum { SOCAT_HELP_SHORT = 1, SOCAT_HELP_OPTIONS = 2, SOCAT_HELP_ALIASES = 3 };

/* The version of socat whose behaviour we keep. */
#define SOCAT_VERSION "1.8.1.1"

void socat_print_version(void);
void socat_print_help(int detail);
