/* SPDX-License-Identifier: MIT */
/* Fibers by switching stacks; see fiber.h.  A stack has a guard page below, and is
 * kept for the next fiber. */

#include "task/fiber.h"

#include "task/fiber_sanitizer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { SPARE_MAX = 256 };

struct fiber {
	ucontext_t here, resumer;
	struct fiber *outer; /* who ran when this one was resumed */
	struct fiber *next;  /* spare */
	char *memory;
	fiber_fn *fn;
	void *arg;
	bool ended;
	void *own_fake, *outer_fake; /* of the sanitizer */
	const void *outer_bottom;
	size_t outer_size;
};

static _Thread_local struct fiber *current, *spare;
static _Thread_local unsigned int spares;

static size_t guard_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void fiber_free(struct fiber *fiber)
{
	(void)munmap(fiber->memory, FIBER_STACK + guard_size());
	free(fiber);
}

void fiber_tidy(void)
{
	while (spare) {
		struct fiber *fiber = spare;

		spare = fiber->next;
		fiber_free(fiber);
	}
	spares = 0;
}

static struct fiber *fiber_new(void)
{
	struct fiber *fiber = spare;
	void *memory;

	if (fiber) {
		spare = fiber->next;
		spares--;
		return fiber;
	}
	memory = mmap(NULL, FIBER_STACK + guard_size(), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	(void)mprotect(memory, guard_size(), PROT_NONE);
	fiber = new_object(struct fiber);
	fiber->memory = memory;
	return fiber;
}

static void put_away(struct fiber *fiber)
{
	if (spares >= SPARE_MAX)
		return fiber_free(fiber);
	fiber->next = spare;
	spare = fiber;
	spares++;
}

static void fiber_main(void)
{
	struct fiber *fiber = current;

	fiber_arrived(NULL, &fiber->outer_bottom, &fiber->outer_size);
	fiber->fn(fiber->arg);
	fiber->ended = true;
	fiber_leaving(NULL, fiber->outer_bottom, fiber->outer_size); /* for good */
}

/* Goes to the fiber, and comes back when it suspends itself or ends. */
static void run(struct fiber *fiber)
{
	fiber->outer = current;
	current = fiber;
	fiber_leaving(&fiber->outer_fake, fiber->memory + guard_size(), FIBER_STACK);
	(void)swapcontext(&fiber->resumer, &fiber->here);
	fiber_arrived(fiber->outer_fake, NULL, NULL);
	current = fiber->outer;
	if (fiber->ended)
		put_away(fiber);
}

/* Apart, because the compiler takes getcontext(3) for something that returns twice. */
__attribute__((__noinline__)) static void prepare(struct fiber *fiber)
{
	(void)getcontext(&fiber->here);
	fiber->here.uc_stack.ss_sp = fiber->memory + guard_size();
	fiber->here.uc_stack.ss_size = FIBER_STACK;
	fiber->here.uc_link = &fiber->resumer;
	makecontext(&fiber->here, fiber_main, 0);
}

int fiber_start(fiber_fn *fn, void *arg)
{
	struct fiber *fiber = fiber_new();

	if (!fiber)
		return -ENOMEM;
	fiber->fn = fn;
	fiber->arg = arg;
	fiber->ended = false;
	prepare(fiber);
	run(fiber);
	return 0;
}

struct fiber *fiber_current(void)
{
	return current;
}

void fiber_suspend(void)
{
	struct fiber *fiber = current;

	fiber_leaving(&fiber->own_fake, fiber->outer_bottom, fiber->outer_size);
	(void)swapcontext(&fiber->here, &fiber->resumer);
	fiber_arrived(fiber->own_fake, &fiber->outer_bottom, &fiber->outer_size);
}

void fiber_resume(struct fiber *fiber)
{
	run(fiber);
}
