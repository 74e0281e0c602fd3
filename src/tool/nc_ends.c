/* SPDX-License-Identifier: MIT */
/* When an end of the relay is gone; see nc_ends.h. */

#include "tool/nc_ends.h"

#include <poll.h>

bool nc_ends_done(const struct nc_ends *e)
{
	bool empty = e->to_net == 0 && e->to_out == 0;

	if (e->gone[NC_IN] && e->gone[NC_NR] && empty)
		return true;
	if (e->gone[NC_NW] && e->gone[NC_OUT])
		return true;
	return e->listening && e->gone[NC_NR] && empty;
}

/* An end that feeds an end which is gone is of no use any more. */
static unsigned int follow(struct nc_ends *e)
{
	if (e->gone[NC_NW]) {
		e->gone[NC_IN] = true;
		e->to_net = 0;
	}
	if (!e->gone[NC_OUT])
		return 0;
	e->to_out = 0;
	if (e->gone[NC_NR])
		return 0;
	e->gone[NC_NR] = true;
	return NC_SHUT_READ;
}

/* While there is something to read, the reader will find out by itself: data
 * that arrived before a reset is still data. */
static bool is_over_for_reader(short events)
{
	return events & POLLNVAL || (events & (POLLERR | POLLHUP) && !(events & POLLIN));
}

unsigned int nc_ends_trouble(struct nc_ends *e, const short events[NC_ENDS])
{
	static const short broken = POLLERR | POLLHUP | POLLNVAL;
	unsigned int actions = 0;

	if (is_over_for_reader(events[NC_IN]))
		e->gone[NC_IN] = true;
	if (is_over_for_reader(events[NC_NR]))
		e->gone[NC_NR] = true;
	if (events[NC_NW] & broken && !e->gone[NC_NW]) {
		e->gone[NC_NW] = true;
		if (e->shut_at_eof && !(events[NC_NW] & POLLERR))
			actions |= NC_SHUT_WRITE;
	}
	if (events[NC_OUT] & broken)
		e->gone[NC_OUT] = true;
	return actions | follow(e);
}

unsigned int nc_ends_settle(struct nc_ends *e)
{
	unsigned int actions = follow(e);

	if (e->gone[NC_IN] && e->to_net == 0 && !e->resting && !e->gone[NC_NW]) {
		e->gone[NC_NW] = true;
		if (e->shut_at_eof)
			actions |= NC_SHUT_WRITE;
	}
	if (e->gone[NC_NR] && e->to_out == 0)
		e->gone[NC_OUT] = true;
	return actions;
}
