/* SPDX-License-Identifier: MIT */
#pragma once

/* The sentences of nc -v, on stderr.  Each says nothing without -v.  They may
 * wait, for the names of addresses. */

#include "net/address.h"
#include "tool/nc_options.h"

/* `nc: connect to HOST (ADDRESS) port PORT (tcp) failed: REASON`.
 * The reason -EINPROGRESS means that -w ran out: `timed out`. */
void nc_report_failed(const struct nc_options *o, const struct net_address *to, int reason);

/* `Connection to HOST (ADDRESS) PORT port [tcp/http] succeeded!` */
void nc_report_connected(const struct nc_options *o, const struct net_address *to);

/* `VERB NAME PORT`: what = "Listening on", "Bound on", "Connection received on" */
void nc_report_address(const struct nc_options *o, const char *what, const struct net_address *a);

/* `VERB PATH` */
void nc_report_path(const struct nc_options *o, const char *what, const char *path);
