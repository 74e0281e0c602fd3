/* SPDX-License-Identifier: MIT */
#pragma once

/* The four ends of nc's relay at work; nc_relay.c says when.  Nothing here waits. */

#include "tool/nc_bulk.h"
#include "tool/nc_account.h"
#include "tool/nc_ends.h"
#include "tool/nc_queue.h"
#include "tool/nc_relay.h"
#include "tool/nc_text.h"

struct nc_carry {
	const struct nc_session *s;
	struct nc_ends ends;
	struct nc_queue to_net, to_out, answers;
	uint8_t raw[NC_QUEUE_SIZE / 2]; /* -C: what was read, before it grows */
	struct nc_bulk bulk[NC_WAYS];
	size_t datagram_max;
	struct stream *output;	   /* standard output */
	bool after_cr;		   /* -C between two reads */
	enum nc_telnet telnet;	   /* -t between two reads */
	bool only_drain;	   /* the socket reported an error: take what is queued, then go */
	bool telling_end;	   /* the network end is being shut, and that takes its time */
	long long received;	   /* -W */
	struct net_address sender; /* any_sender: whom to answer; len 0: nobody */
	int64_t rest_until;	   /* sending: -i and the like; 0: no pause */
	int64_t read_rest_until;   /* receiving: likewise */
	struct nc_account account; /* with s->ours */
	int trouble;		   /* the first error of the network end */
};

void nc_carry_init(struct nc_carry *c, const struct nc_session *s);
void nc_carry_done(struct nc_carry *c);

/* One portion each; ends that turn out to be over are gone afterwards. */
void nc_carry_read_local(struct nc_carry *c);
void nc_carry_write_net(struct nc_carry *c);
int nc_carry_read_net(struct nc_carry *c, struct err *err); /* 0 or negative */
void nc_carry_write_local(struct nc_carry *c);
int nc_carry_send_answers(struct nc_carry *c, struct err *err);

/* When the next pause is over; CLOCK_NEVER: there is none.  And: is one over?  Then it is
 * forgotten. */
int64_t nc_carry_rest_until(const struct nc_carry *c);
bool nc_carry_rested(struct nc_carry *c);

/* What nc_ends.h asks to be done to the network end. */
void nc_carry_shut(struct nc_carry *c, unsigned int actions);

/* Would a portion be useful now? */
bool nc_carry_wants_local(const struct nc_carry *c);
bool nc_carry_wants_net(const struct nc_carry *c);
bool nc_carry_wants_output(const struct nc_carry *c);
bool nc_carry_wants_send(const struct nc_carry *c);
