/* SPDX-License-Identifier: MIT */
#pragma once

/* Links by which the tools are called under their own names. */

#include "base/err.h"

/* The path of the running program, which the caller frees.  0 or -errno. */
int links_program(char **ret, struct err *err);

/* Makes one link in the folder for each tool that has a name of its own, all
 * pointing to the running program.  A link that is already right is kept;
 * anything else of that name is left alone and an error (-EEXIST). */
int links_create(const char *folder, struct err *err);

/* Removes those links again; what is not there is no error. */
void links_remove(const char *folder);
