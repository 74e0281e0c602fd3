/* SPDX-License-Identifier: MIT */
/* Options about sessions: how many, how often tried, who may come. */

#include "addr/families.h"
#include "opt/action.h"

#include <errno.h>
#include <limits.h>

enum { WORKERS_MAX = 256 };

#define TAKEN(names, help, type, store, member)                                                    \
	{ names, help, GROUP_TCP | GROUP_UDP | GROUP_SCTP | GROUP_DCCP | GROUP_UDPLITE,            \
	  PHASE_LATE, SCOPE_TAKEN, &value_##type, opt_store_##store,                               \
	  { .offset = offsetof(struct settings, member) } }

static const struct opt_type options[] = {
	STORED("forever", "try again without end", GROUP_RETRY, PHASE_INIT, bool, bool, forever),
	STORED("retry", "try so many times more", GROUP_RETRY, PHASE_INIT, uint, int, retry),
	STORED("interval intervall", "seconds between two tries", GROUP_RETRY, PHASE_INIT, timespec,
	      time, interval),
	STORED("fork", "handle each connection or packet in a session of its own", GROUP_CHILD,
	      PHASE_PASTACCEPT, bool, bool, fork),
	STORED("isolate", "with fork, give each session a process of its own", GROUP_CHILD,
	      PHASE_PASTACCEPT, bool, bool, isolate),
	STORED("workers", "with fork, serve sessions in so many processes", GROUP_CHILD,
	      PHASE_PASTACCEPT, int, int, workers),
	STORED("max-children maxchildren", "with fork, wait while so many children are alive",
	      GROUP_CHILD, PHASE_PASTACCEPT, int, int, max_children),
	STORED("children-shutup", "make the messages of children so many steps milder", GROUP_CHILD,
	      PHASE_PASTACCEPT, int, int, children_shutup),
	STORED("backlog", "length of the queue of connections not yet accepted", GROUP_LISTEN,
	      PHASE_LISTEN, int, int, backlog),
	STORED("accept-timeout listen-timeout", "seconds to wait for a connection", GROUP_LISTEN,
	      PHASE_LISTEN, timeval, time, accept_timeout),
	STORED("range", "admit only peers of this network", GROUP_RANGE, PHASE_ACCEPT, string, text,
	      range),
	TAKEN("sourceport sp", "use this local port, or admit only peers with it",
	      ushort, int, sourceport),
	TAKEN("lowport", "use a local port below 1024, or admit only peers with one", bool,
	      bool, lowport),
};

const struct opt_table session_options = { options, ARRAY_SIZE(options) };

/* What they would have to share is either nothing or impossible. */
static bool workers_are_possible(const struct address *a)
{
	const struct settings *settings = &a->settings;

	return settings->workers > 0 && settings->workers <= WORKERS_MAX && settings->fork &&
	       !settings->max_children && !settings->isolate && a->type->listen &&
	       a->type->args.type == SOCK_STREAM;
}

static int parse_range(struct address *a, struct err *err)
{
	struct settings *settings = &a->settings;

	if (!settings->range)
		return 0;
	if (!(a->type->groups & (GROUP_IP4 | GROUP_IP6)))
		return range_parse_binary(settings->range, &settings->allowed, err);
	return range_parse(settings->range, a->type->args.family, &settings->allowed, err);
}

int settings_check(struct address *a, struct err *err)
{
	struct settings *settings = &a->settings;

	if (settings->max_children < 0)
		return err_set(err, -EINVAL, "option \"max-children\": %d is negative",
			       settings->max_children);
	if (settings->max_children && !settings->fork)
		return err_set(err, -EINVAL,
			       "option \"max-children\" not allowed without option \"fork\"");
	if (settings->workers && !workers_are_possible(a))
		return err_set(err, -EINVAL,
			       "option \"workers\" is 1..%d, for a listener of streams with option "
			       "\"fork\" and without \"max-children\" and \"isolate\"",
			       WORKERS_MAX);
	if (settings->lockfile && settings->waitlock)
		return err_set(err, -EINVAL,
			       "only one of options \"lockfile\" and \"waitlock\" is allowed");
	if (settings->escape > UCHAR_MAX)
		return err_set(err, -EINVAL, "option \"escape\": %d is no byte, 0..%d",
			       settings->escape, UCHAR_MAX);
	return parse_range(a, err);
}
