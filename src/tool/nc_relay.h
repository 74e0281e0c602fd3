/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The relay of nc: standard input to the socket, the socket to standard
 * output, until the rules in nc_relay.c say that it is over.
 */

#include "base/base.h"
#include "base/err.h"
#include "net/address.h"

/* How a session is to be carried; most of it comes from the command line. */
struct nc_session {
	int fd;			 /* the socket, not owned */
	bool listening;		 /* we are the server */
	bool datagrams;		 /* message boundaries are kept */
	bool any_sender;	 /* unconnected: the latest sender is answered */
	bool shut_at_eof;	 /* -N */
	bool no_stdin;		 /* -d */
	bool crlf, telnet;	 /* -C -t */
	int64_t interval_us;	 /* -i; 0: no pauses */
	int64_t timeout_us;	 /* -w; negative: no limit */
	int64_t quit_us;	 /* -q; negative: never */
	long long receive_limit; /* -W; 0: none */

	/* any_sender: the datagrams come from somebody else now. */
	void (*on_sender)(const struct nc_session *session, const struct net_address *sender);
	const void *context;
};

enum nc_relay_end {
	NC_RELAY_OVER,	 /* all ends are done, or -w seconds of silence */
	NC_RELAY_QUIT,	 /* the -q timer ran out: no further client */
	NC_RELAY_NO_OUT, /* nobody reads our standard output any more */
};

/* Waits until the session is over.  An nc_relay_end, -ECANCELED, or the error
 * of a telnet answer that could not be sent. */
int nc_relay(const struct nc_session *session, struct err *err);
