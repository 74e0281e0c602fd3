/* SPDX-License-Identifier: MIT */
#pragma once

/* The clients of a mode: many talks on one loop. */

#include "talk.h"

struct crowd {
	struct loop loop;
	struct net_address target;
	struct secure_client *secure; /* of all talks; NULL: no TLS */
	struct talk *talks;
	size_t count;
	uint64_t errors; /* talks that were cut or saw wrong bytes */
	char first_error[ERR_TEXT_MAX];
	void (*more)(void *owner); /* of crowd_tick_every() */
	void *owner;
};

/* Room for the connections of the options, with the open-file limit that they need; none is
 * begun. */
void crowd_init(struct crowd *crowd, const struct options *o);
void crowd_done(struct crowd *crowd);

/* Begins talk i with this plan (the number of its seed is added). */
void crowd_begin(struct crowd *crowd, size_t i, const struct plan *plan, void *owner,
		 void (*tell)(struct talk *, enum talk_event));

/* Counts the event if it is an error. */
void crowd_note(struct crowd *crowd, const struct talk *talk, enum talk_event event);

/* A tick for each talk, every ms milliseconds; and one call more. */
void crowd_tick_every(struct crowd *crowd, int64_t ms, void (*more)(void *owner), void *owner);

/* The part of the report all modes have: `"errors": 0`, and the first one in words. */
void crowd_report(const struct crowd *crowd);
