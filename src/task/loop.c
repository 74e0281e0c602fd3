/* SPDX-License-Identifier: MIT */
/*
 * The event loop; see loop.h.
 *
 * One turn: wait, wake the watches the kernel named, ring the alarms that are
 * due, then give everybody who asked for a turn exactly one.  Each of them may
 * close watches, also such as the kernel has just named: a closed watch is
 * struck out of the batch, so nobody is woken after his end.
 */

#include "task/loop.h"

#include "base/clock.h"
#include "task/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { BATCH = 256 };

struct loop {
	int epoll_fd;
	unsigned int users;
	bool inherited; /* the parent has the descriptors, too */
	struct watch signals;
	struct link ears, turns;
	size_t turns_asked;
	struct timer **heap; /* the earliest first; heap[0] is not used */
	size_t timers, heap_size;
	struct epoll_event batch[BATCH];
	int batch_n;
};

/* Each thread has its own, so that nothing here needs a lock. */
static _Thread_local struct loop *loop;

static int add(int fd, struct watch *watch)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
		.data.ptr = watch,
	};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int watch_open(struct watch *watch, int fd)
{
	int r;

	watch->fd = fd;
	watch->ready = 0;
	watch->duplicate = false;
	r = add(fd, watch);
	if (r == -EEXIST) {
		watch->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		watch->duplicate = watch->fd >= 0;
		r = watch->duplicate ? add(watch->fd, watch) : -errno;
	}
	if (r == -EPERM) {
		watch->ready = POLLIN | POLLOUT;
		r = 0;
	}
	if (r < 0)
		watch_close(watch);
	return r;
}

/* Nobody wakes it any more. */
static void strike_out(struct watch *watch)
{
	for (int i = 0; i < loop->batch_n; i++)
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
	if (watch->duplicate)
		(void)close(watch->fd);
	watch->fd = -1;
}

void watch_close(struct watch *watch)
{
	if (watch->fd < 0)
		return;
	if (loop->epoll_fd >= 0)
		(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	strike_out(watch);
}

void watch_forget(struct watch *watch)
{
	if (loop->inherited || watch->duplicate)
		watch_close(watch);
	else if (watch->fd >= 0)
		strike_out(watch);
}

static void put(struct timer *timer, size_t place)
{
	loop->heap[place] = timer;
	timer->place = place;
}

/* Moves a timer to where it belongs. */
static void sift(struct timer *timer)
{
	size_t place = timer->place, child;

	for (; place > 1 && loop->heap[place / 2]->moment > timer->moment; place /= 2)
		put(loop->heap[place / 2], place);
	for (; (child = place * 2) <= loop->timers; place = child) {
		if (child < loop->timers &&
		    loop->heap[child + 1]->moment < loop->heap[child]->moment)
			child++;
		if (loop->heap[child]->moment >= timer->moment)
			break;
		put(loop->heap[child], place);
	}
	put(timer, place);
}

static void take_back(struct timer *timer)
{
	struct timer *last = loop->heap[loop->timers--];

	if (last != timer) {
		put(last, timer->place);
		sift(last);
	}
	timer->place = 0;
}

void timer_set(struct timer *timer, int64_t moment)
{
	timer->moment = moment;
	if (moment == CLOCK_NEVER) {
		if (timer->place)
			take_back(timer);
		return;
	}
	if (!timer->place) {
		if (++loop->timers >= loop->heap_size) {
			loop->heap_size = loop->heap_size ? loop->heap_size * 2 : 16;
			loop->heap = mem_resize(loop->heap, loop->heap_size, sizeof(*loop->heap));
		}
		put(timer, loop->timers);
	}
	sift(timer);
}

void turn_ask(struct turn *turn)
{
	if (link_is_in_list(&turn->link))
		return;
	list_append(&loop->turns, &turn->link);
	loop->turns_asked++;
}

void turn_leave(struct turn *turn)
{
	if (!link_is_in_list(&turn->link))
		return;
	link_remove(&turn->link);
	loop->turns_asked--;
}

/* Those who ask again wait for the next round. */
static void give_turns(size_t n)
{
	while (n-- && !list_is_empty(&loop->turns)) {
		struct turn *turn = link_owner(loop->turns.next, struct turn, link);

		turn_leave(turn);
		turn->go_on(turn);
	}
}

void ear_open(struct ear *ear)
{
	list_append(&loop->ears, &ear->link);
}

void ear_close(struct ear *ear)
{
	link_remove(&ear->link);
}

/* Everybody who listens now hears it once; he may close his ear, or others', or
 * open new ones. */
static void hear_signals(struct watch *watch)
{
	struct link now;

	watch->ready = 0;
	signals_collect();
	if (list_is_empty(&loop->ears))
		return;
	now = loop->ears;
	now.next->previous = now.previous->next = &now;
	list_init(&loop->ears);
	while (!list_is_empty(&now)) {
		struct ear *ear = link_owner(now.next, struct ear, link);

		ear_close(ear);
		ear_open(ear);
		ear->hear(ear);
	}
}

int loop_open(void)
{
	int r = 0;

	if (loop) {
		loop->users++;
		return 0;
	}
	loop = new_object(struct loop);
	loop->users = 1;
	list_init(&loop->ears);
	list_init(&loop->turns);
	loop->signals = (struct watch){ .fd = -1, .wake = hear_signals };
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0)
		r = -errno;
	else if (signals_fd() >= 0)
		r = watch_open(&loop->signals, signals_fd());
	if (r < 0)
		loop_close();
	return r;
}

void loop_close(void)
{
	if (!loop || --loop->users)
		return;
	loop_forget();
}

void loop_forget(void)
{
	if (!loop)
		return;
	if (loop->epoll_fd >= 0)
		(void)close(loop->epoll_fd);
	free(loop->heap);
	free(take_ptr(loop));
}

int loop_inherit(void)
{
	loop->inherited = true;
	if (signals_fd() < 0)
		return 0;
	/* What told of signals was the parent's pipe, and is closed here. */
	return watch_open(&loop->signals, signals_fd());
}

bool loop_is_open(void)
{
	return loop != NULL;
}

struct loop *loop_current(void)
{
	return loop;
}

void loop_adopt(struct loop *other)
{
	loop = other;
}

/* What came, in the words of poll(2), whose numbers epoll shares; an error or a
 * hang-up is found out by the next read or write. */
static void wake_batch(void)
{
	for (int i = 0; i < loop->batch_n; i++) {
		struct watch *watch = loop->batch[i].data.ptr;
		uint32_t events = loop->batch[i].events;

		if (!watch)
			continue;
		if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
			events |= EPOLLIN;
		if (events & (EPOLLERR | EPOLLHUP))
			events |= EPOLLOUT;
		watch->ready |= (short)events;
		watch->wake(watch);
	}
	loop->batch_n = 0;
}

static void ring_timers(int64_t now)
{
	while (loop->timers && loop->heap[1]->moment <= now) {
		struct timer *timer = loop->heap[1];

		take_back(timer);
		timer->ring(timer);
	}
}

static int64_t earliest(int64_t until)
{
	if (loop->turns_asked)
		return 0;
	return loop->timers ? MIN(until, loop->heap[1]->moment) : until;
}

int loop_turn(int64_t until)
{
	size_t turns = loop->turns_asked;
	int n;

	n = epoll_wait(loop->epoll_fd, loop->batch, BATCH,
		       clock_poll_timeout(earliest(until)));
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	loop->batch_n = n;
	wake_batch();
	if (loop->timers)
		ring_timers(clock_now());
	give_turns(turns);
	return n > 0 || turns || clock_now() < until;
}
