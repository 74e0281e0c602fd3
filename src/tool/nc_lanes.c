/* SPDX-License-Identifier: MIT */
/* A thread per lane; see nc_lanes.h. */

#include "tool/nc_lanes.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

struct lane {
	void (*fn)(void *context, size_t lane);
	void *context;
	size_t number;
	pthread_t thread;
	bool started;
};

size_t nc_lanes_for(size_t pieces, size_t least)
{
	size_t n = MIN(pieces / least, (size_t)NC_LANES_MAX);
	cpu_set_t ours;

	if (sched_getaffinity(0, sizeof(ours), &ours) < 0)
		return 1; /* more processors than the set has room for */
	return MAX(MIN(n, (size_t)CPU_COUNT(&ours)), (size_t)1);
}

static void *lane_main(void *context)
{
	struct lane *lane = context;

	lane->fn(lane->context, lane->number);
	return NULL;
}

static void start(struct lane *lanes, size_t n)
{
	sigset_t all, saved;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &saved);
	for (size_t i = 1; i < n; i++)
		lanes[i].started =
			pthread_create(&lanes[i].thread, NULL, lane_main, &lanes[i]) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

void nc_lanes_run(size_t n, void (*fn)(void *context, size_t lane), void *context)
{
	struct lane lanes[NC_LANES_MAX] = { 0 };

	for (size_t i = 0; i < n; i++)
		lanes[i] = (struct lane){ .fn = fn, .context = context, .number = i };
	start(lanes, n);
	fn(context, 0);
	for (size_t i = 1; i < n; i++) {
		if (lanes[i].started)
			(void)pthread_join(lanes[i].thread, NULL);
		else
			fn(context, i);
	}
}
