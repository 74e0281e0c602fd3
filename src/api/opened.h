/* SPDX-License-Identifier: MIT */
#pragma once

/* One address opened by itself, with nothing on the other side: for the library's
 * sockbox_open() and for `sockbox fd`. */

#include "relay/session.h"

struct opened {
	struct relay_options options; /* filled in by the caller */
	struct relay_result result;
	struct address_pair pair[2]; /* the second is not used */
	struct session session;
};

/* Parses and opens.  fork and nofork are refused: there is no session to fork
 * for.  0, or negative with the sentence in err; then nothing is left open. */
int opened_open(struct opened *opened, const char *text, enum addr_direction direction,
		struct err *err);

struct stream *opened_stream(struct opened *opened); /* borrowed */
void opened_close(struct opened *opened);	     /* ends all that opened_open() made */
