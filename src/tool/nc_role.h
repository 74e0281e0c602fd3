/* SPDX-License-Identifier: MIT */
#pragma once

/* The roles of nc in OpenBSD's dialect.  Each returns the exit status, or a negative
 * errno with the sentence in err; -ECANCELED when a signal ended it. */

#include "tool/nc_options.h"
#include "tool/nc_serve.h"

int nc_client(const struct nc_options *o, struct err *err);
int nc_unix_client(const struct nc_options *o, struct err *err);
int nc_unix_listen(const struct nc_options *o, struct err *err);

/* The part of the command line that is about carrying data. */
struct nc_session nc_session_of(const struct nc_options *o);
struct nc_server nc_server_of(const struct nc_options *o, int fd);
