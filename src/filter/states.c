/* SPDX-License-Identifier: MIT */
/* Names of states and of groups of them. */

#include "filter/states.h"
#include "base/str.h"

#include <errno.h>

enum {
	CLOSED = STATE_BIT(SOCK_CLOSE),
	CONNECTED = STATES_ALL & ~(STATE_BIT(SOCK_CLOSE) | STATE_BIT(SOCK_LISTEN)),
	BUCKET = STATE_BIT(SOCK_SYN_RECV) | STATE_BIT(SOCK_TIME_WAIT),
};

static const struct {
	const char *names;
	diag_states states;
} rows[] = {
	{ "established", STATE_BIT(SOCK_ESTABLISHED) },
	{ "syn-sent", STATE_BIT(SOCK_SYN_SENT) },
	{ "syn-recv syn-rcv", STATE_BIT(SOCK_SYN_RECV) },
	{ "fin-wait-1", STATE_BIT(SOCK_FIN_WAIT1) },
	{ "fin-wait-2", STATE_BIT(SOCK_FIN_WAIT2) },
	{ "time-wait", STATE_BIT(SOCK_TIME_WAIT) },
	{ "closed close unconnected", CLOSED },
	{ "close-wait", STATE_BIT(SOCK_CLOSE_WAIT) },
	{ "last-ack", STATE_BIT(SOCK_LAST_ACK) },
	{ "listening", STATE_BIT(SOCK_LISTEN) },
	{ "closing", STATE_BIT(SOCK_CLOSING) },
	{ "bound-inactive", STATE_BIT(SOCK_BOUND_INACTIVE) },
	{ "unknown", STATE_BIT(SOCK_UNKNOWN) },
	{ "all", STATES_ALL },
	{ "connected", CONNECTED },
	{ "synchronized", CONNECTED & ~STATE_BIT(SOCK_SYN_SENT) },
	{ "bucket", BUCKET },
	{ "big", STATES_ALL & ~(diag_states)BUCKET },
};

static diag_states find_states(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_word_is(rows[i].names, name))
			return rows[i].states;
	return 0;
}

int filter_states(char *const *words, diag_states *states, struct err *err)
{
	diag_states chosen = 0;
	int used;

	for (used = 0; words[used]; used += 2) {
		bool exclude = str_equal(words[used], "exclude") || str_equal(words[used], "excl");
		diag_states named;

		if (!exclude && !str_equal(words[used], "state"))
			break;
		if (!words[used + 1])
			return err_set(err, -ENODATA,
				       "Command line is not complete. Try option \"help\"");
		named = find_states(words[used + 1]);
		if (!named)
			return err_set(err, -EINVAL, "ss: wrong state name: %s", words[used + 1]);
		if (used == 0 && exclude)
			chosen = STATES_ALL;
		chosen = exclude ? chosen & ~named : chosen | named;
	}
	if (used)
		*states = chosen;
	return used;
}
