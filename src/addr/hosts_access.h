/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The language of hosts.allow and hosts.deny (hosts_access(5), hosts_options(5)):
 *
 *	daemons : clients [: allow | : deny]
 *
 * Pure: the text and what is known of the client come in, a verdict goes out.  What is
 * not understood is an error, never skipped: who protects himself with a line must not
 * be left open by a slip of the pen in it.  Not supported are the commands of
 * hosts_options(5), users (user@host), servers (daemon@host) and netgroups.
 */

#include "base/base.h"
#include "base/err.h"
#include "net/address.h"

enum hosts_verdict { HOSTS_NO_MATCH, HOSTS_ALLOW, HOSTS_DENY };

/* What host names stand for, when there is none. */
#define HOSTS_UNKNOWN "unknown"	  /* none was found */
#define HOSTS_PARANOID "paranoid" /* it was found, but does not lead back */

struct hosts_client {
	const struct net_address *address;
	/* The name of the client, or one of the words above; asked for when a line needs
	 * it.  Stays valid while the text is evaluated. */
	const char *(*name)(void *context);
	/* The text of a file of patterns ("/path"); the evaluator frees it. */
	int (*read)(void *context, const char *path, char **ret, struct err *err);
	void *context;
};

/* The verdict of the first line that matches; plain is what a line without "allow" and
 * "deny" says.  0, or -EINVAL with the line in err. */
int hosts_evaluate(const char *text, const char *daemon, const struct hosts_client *client,
		   enum hosts_verdict plain, enum hosts_verdict *ret, struct err *err);
