/* SPDX-License-Identifier: MIT */
/* Fibers as threads of which only one runs at a time; see fiber.h.  The baton is a
 * semaphore in each direction. */

#include "task/fiber.h"

#include "task/loop.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

struct fiber {
	sem_t go, back;
	struct loop *loop; /* of the thread it belongs to */
	fiber_fn *fn;
	void *arg;
	bool ended;
};

static _Thread_local struct fiber *current;

static void wait_for(sem_t *baton)
{
	while (sem_wait(baton) < 0 && errno == EINTR)
		continue;
}

static void *fiber_main(void *context)
{
	struct fiber *fiber = context;

	current = fiber;
	wait_for(&fiber->go);
	loop_adopt(fiber->loop);
	fiber->fn(fiber->arg);
	fiber->ended = true;
	(void)sem_post(&fiber->back);
	return NULL;
}

/* Signals belong to the thread that began. */
static int start_thread(struct fiber *fiber)
{
	pthread_attr_t attributes;
	sigset_t all, saved;
	pthread_t thread;
	int r;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, FIBER_STACK);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &saved);
	r = pthread_create(&thread, &attributes, fiber_main, fiber);
	(void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
	(void)pthread_attr_destroy(&attributes);
	return -r;
}

static void fiber_free(struct fiber *fiber)
{
	(void)sem_destroy(&fiber->go);
	(void)sem_destroy(&fiber->back);
	free(fiber);
}

int fiber_start(fiber_fn *fn, void *arg)
{
	struct fiber *fiber = new_object(struct fiber);
	int r;

	fiber->fn = fn;
	fiber->arg = arg;
	fiber->loop = loop_current();
	(void)sem_init(&fiber->go, 0, 0);
	(void)sem_init(&fiber->back, 0, 0);
	r = start_thread(fiber);
	if (r < 0)
		fiber_free(fiber);
	else
		fiber_resume(fiber);
	return r;
}

struct fiber *fiber_current(void)
{
	return current;
}

void fiber_suspend(void)
{
	(void)sem_post(&current->back);
	wait_for(&current->go);
}

void fiber_resume(struct fiber *fiber)
{
	(void)sem_post(&fiber->go);
	wait_for(&fiber->back);
	if (fiber->ended)
		fiber_free(fiber);
}

void fiber_tidy(void)
{
}
