/* SPDX-License-Identifier: MIT */
/* Happy Eyeballs; see nc_race.h.  All attempts are in one epoll(7), which is what
 * is waited for, through task/. */

#include "tool/nc_race.h"

#include "base/clock.h"
#include "base/fd.h"
#include "task/task.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ATTEMPT_DELAY_US = 250 * CLOCK_US_PER_MS }; /* RFC 8305, section 8 */

struct attempt {
	struct net_address to;
	int fd; /* -1: not begun, or over */
	int64_t limit;
};

struct race {
	const struct nc_place *place;
	struct attempt *attempts;
	size_t n, begun, running;
	int64_t next_at; /* when to begin one more */
	int epoll;
};

#define auto_race __attribute__((__cleanup__(race_done))) struct race

static void end_attempt(struct race *r, struct attempt *a)
{
	(void)close(a->fd); /* which also takes it out of the epoll */
	a->fd = -1;
	r->running--;
}

static void race_done(struct race *r)
{
	for (size_t i = 0; i < r->begun; i++)
		if (r->attempts[i].fd >= 0)
			end_attempt(r, &r->attempts[i]);
	free(r->attempts);
	if (r->epoll >= 0)
		(void)close(r->epoll);
}

static bool tells_failures(const struct nc_place *place)
{
	return place->observer && place->observer->failed;
}

/* The next address of the list from i on that is, or is not, of the family. */
static size_t find(const struct net_addresses *list, size_t i, int family, bool same)
{
	while (i < list->n && (list->items[i].any.sa_family == family) != same)
		i++;
	return i;
}

static void put(struct race *r, const struct net_address *to)
{
	r->attempts[r->n++] = (struct attempt){ .to = *to, .fd = -1 };
}

/* First family, other, first, other, ... as long as both last. */
static void take_turns(struct race *r, const struct net_addresses *list)
{
	int family = list->items[0].any.sa_family;
	size_t a = find(list, 0, family, true), b = find(list, 0, family, false);

	while (a < list->n || b < list->n) {
		if (a < list->n) {
			put(r, &list->items[a]);
			a = find(list, a + 1, family, true);
		}
		if (b < list->n) {
			put(r, &list->items[b]);
			b = find(list, b + 1, family, false);
		}
	}
}

static void line_up(struct race *r, const struct net_addresses *list)
{
	r->attempts = mem_new(list->n, sizeof(*r->attempts));
	if (!tells_failures(r->place)) {
		take_turns(r, list);
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		put(r, &list->items[i]);
}

static void lose(struct race *r, struct attempt *a, int reason)
{
	if (tells_failures(r->place))
		r->place->observer->failed(r->place, &a->to, reason);
	if (a->fd >= 0)
		end_attempt(r, a);
	r->next_at = 0; /* no use in waiting before the next one */
}

/* 1: it is connected already; 0: it runs, or is over; negative: the program ends. */
static int begin(struct race *r, struct attempt *a, struct err *err)
{
	struct epoll_event event = { .events = EPOLLOUT, .data = { .ptr = a } };
	int result;

	r->begun++;
	r->next_at = clock_after(ATTEMPT_DELAY_US);
	result = nc_dial_socket(r->place, a->to.any.sa_family, &a->fd, err);
	if (result <= 0) {
		r->next_at = 0;
		return result;
	}
	r->running++;
	a->limit = nc_dial_deadline(r->place);
	if (fd_set_nonblock(a->fd, true) == 0 && connect(a->fd, &a->to.any, a->to.len) == 0)
		return 1;
	if (errno != EINPROGRESS || epoll_ctl(r->epoll, EPOLL_CTL_ADD, a->fd, &event) < 0)
		lose(r, a, -errno);
	return 0;
}

/* What became of an attempt.  1: it is connected. */
static int look(struct race *r, struct attempt *a)
{
	int code = 0;
	socklen_t len = sizeof(code);

	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0)
		code = errno;
	if (code == 0)
		return 1;
	lose(r, a, -code);
	return 0;
}

static int64_t wake_at(const struct race *r)
{
	int64_t moment = r->begun < r->n ? r->next_at : CLOCK_NEVER;

	for (size_t i = 0; i < r->begun; i++)
		if (r->attempts[i].fd >= 0)
			moment = MIN(moment, r->attempts[i].limit);
	return moment;
}

/* Waits until something happens or a moment has come.  1: *ret_winner is connected. */
static int wait_for_one(struct race *r, struct attempt **ret_winner)
{
	int64_t before = task_deadline(wake_at(r));
	int result = task_wait(r->epoll, POLLIN);
	struct epoll_event event;

	(void)task_deadline(before);
	if (result == 0 && epoll_wait(r->epoll, &event, 1, 0) == 1) {
		*ret_winner = event.data.ptr;
		return look(r, *ret_winner);
	}
	for (size_t i = 0; i < r->begun; i++)
		if (r->attempts[i].fd >= 0 && r->attempts[i].limit <= clock_now())
			lose(r, &r->attempts[i], -EINPROGRESS);
	return result == -ETIMEDOUT ? 0 : result;
}

static int run(struct race *r, struct attempt **ret_winner, struct err *err)
{
	int result = 0;

	while (result == 0 && (r->running || r->begun < r->n)) {
		if (r->begun < r->n && r->next_at <= clock_now()) {
			*ret_winner = &r->attempts[r->begun];
			result = begin(r, *ret_winner, err);
		} else {
			result = wait_for_one(r, ret_winner);
		}
	}
	return result;
}

int nc_race(const struct nc_place *place, const struct net_addresses *list, int *ret_fd,
	    struct net_address *ret_to, struct err *err)
{
	auto_race r = { .place = place, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	struct attempt *winner = NULL;
	int result;

	if (r.epoll < 0)
		return err_set(err, -errno, "epoll_create1: %s", err_reason(-errno));
	line_up(&r, list);
	result = run(&r, &winner, err);
	if (result <= 0)
		return result;
	result = fd_set_nonblock(winner->fd, false);
	if (result < 0)
		return err_set(err, result, "%s", err_reason(result));
	*ret_to = winner->to;
	*ret_fd = take_fd(&winner->fd);
	(void)epoll_ctl(r.epoll, EPOLL_CTL_DEL, *ret_fd, NULL);
	return 1;
}
