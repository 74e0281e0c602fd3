/* SPDX-License-Identifier: MIT */
#pragma once

/* A user to become: with all groups, and what programs want to know of him. */

#include "base/base.h"
#include "base/err.h"

#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid, *groups;
	size_t n_groups;
	char *name, *home, *shell;
};

/* Asks the user and group databases; needed before they are out of reach. */
int identity_look_up(uid_t uid, struct identity **ret, struct err *err);

/* Groups, group, user of the process, and USER, LOGNAME, HOME, SHELL. */
int identity_become(const struct identity *identity, struct err *err);

struct identity *identity_free(struct identity *identity); /* NULL is fine */
void identity_free_pointer(struct identity **identity);
#define auto_identity __attribute__((__cleanup__(identity_free_pointer))) struct identity *
