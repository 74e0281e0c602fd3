/* SPDX-License-Identifier: MIT */
#pragma once

/* A secret that somebody types at the terminal. */

#include "base/base.h"

enum { NC_PASSWORD_MAX = 256 };

/* Asks with echo off on the process's terminal, whatever standard input is.  Waits
 * through task/, and gives the terminal back as it was.  The length, without the line
 * end; -ENXIO and other -errno: there is no terminal; -ECANCELED. */
ssize_t nc_password(const char *prompt, char ret[NC_PASSWORD_MAX]);
