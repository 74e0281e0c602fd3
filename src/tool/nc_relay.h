/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The relay of nc: standard input to the network, the network to standard
 * output, until the rules in nc_relay.c say that it is over.
 */

#include "base/base.h"
#include "base/err.h"
#include "stream/stream.h"
#include "tool/nc_ours.h"
#include "tool/nc_place.h"

enum nc_way { NC_SENT, NC_RECEIVED, NC_WAYS };

/* How a session is to be carried; most of it comes from the command line. */
struct nc_session {
	struct stream *net;	      /* not owned; a TLS layer is as good as a socket */
	struct stream *local;	      /* not owned; NULL: standard input and output */
	const struct nc_place *place; /* of whom warnings and new senders are told */
	bool listening;		      /* we are the server: it ends with its client */
	bool ends_with_peer;	      /* the same for a client */
	bool datagrams;		      /* message boundaries are kept */
	bool any_sender;	  /* unconnected: the latest sender is answered; a new one is told
				    to the observer as accepted */
	bool shut_at_eof;	  /* -N: tell the peer when local input has ended */
	bool no_input, no_output; /* local input is never read, local output never written */
	bool crlf, telnet;	  /* -C -t */
	bool by_line;		  /* each line is sent by itself, also as a datagram */
	bool empty_is_data;	  /* an empty datagram is no end */
	int64_t interval_us;	  /* -i: pause after each line sent; 0: none */
	int64_t timeout_us;	  /* -w: limit of silence; negative: none */
	bool timeout_after_input; /* it counts only once local input has ended */
	int64_t quit_us;	 /* -q: how long to go on once all input was sent; negative: ever */
	long long receive_limit; /* -W; 0: none */
	int64_t delay_us;	 /* pause after each portion, either way; 0: none */
	const struct nc_ours *ours; /* --max-rate, --progress, --json; NULL: none of them */
	int *ret_trouble;	    /* the error that broke the network end, -ETIMEDOUT for silence,
				       or 0; may be NULL */

	/* Bytes that have just passed; may be NULL.  What was read from the network, and
	 * what was written to it. */
	void (*passed)(const struct nc_session *session, enum nc_way way, const void *data,
		       size_t len);
	void *context; /* for it */
};

enum nc_relay_end {
	NC_RELAY_OVER,	 /* all ends are done */
	NC_RELAY_SILENT, /* -w seconds of silence */
	NC_RELAY_QUIT,	 /* the -q timer ran out: no further client */
	NC_RELAY_NO_OUT, /* nobody reads our standard output any more */
};

/* Waits until the session is over.  An nc_relay_end, -ECANCELED, or the error
 * of a telnet answer that could not be sent, with its sentence.  Bytes that a time
 * limit cut off are told on stderr. */
int nc_relay(const struct nc_session *session, struct err *err);

/* A connected socket as the network end; takes the descriptor over. */
struct stream *nc_stream(int fd);
