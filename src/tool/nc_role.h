/* SPDX-License-Identifier: MIT */
#pragma once

/* The roles of nc.  Each returns the exit status, or a negative errno with the
 * sentence in err; -ECANCELED when a signal ended it. */

#include "tool/nc_options.h"
#include "tool/nc_relay.h"

int nc_client(const struct nc_options *o, struct err *err);
int nc_listen(const struct nc_options *o, struct err *err);
int nc_unix_client(const struct nc_options *o, struct err *err);
int nc_unix_listen(const struct nc_options *o, struct err *err);

/* The part of the command line that is about carrying data. */
struct nc_session nc_session_of(const struct nc_options *o, int fd);

/* A bound socket, and how its clients are announced. */
struct nc_server {
	const struct nc_options *o;
	int fd;		  /* not owned */
	const char *path; /* UNIX: what it listens on; else NULL */
};

/* Serves the first client, or with -k all, one after another. */
int nc_serve(const struct nc_server *server, struct err *err);
