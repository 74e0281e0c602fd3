/* SPDX-License-Identifier: MIT */
#pragma once

/* The environment variables of one session (SOCAT_PEERADDR, ...), handed to its
 * programs.  They are values, not the process's environment, so that sessions
 * can live side by side. */

#include "base/base.h"

struct env {
	char **items; /* "NAME=value" */
	size_t n;
};

/* The prefix is the upper-cased program name and "_": SOCAT_.  env NULL: nobody is going to
 * read it, and nothing is done. */
void env_set(struct env *env, const char *prefix, const char *name, const char *value);

/* The value of a variable by its whole name, from here or the process's own
 * environment; NULL if unset. */
const char *env_get(const struct env *env, const char *name);

/* The process's environment with these variables on top, NULL-terminated, for
 * execve(2).  Variables that begin with the prefix and OPENSSL_ are left out.
 * The array is the caller's, the strings are not. */
char **env_merge(const struct env *env, const char *prefix);

/* to NULL: nothing is done. */
void env_copy(struct env *to, const struct env *from);
void env_done(struct env *env);
