/* SPDX-License-Identifier: MIT */
/*
 * Opening one side of a relay.
 *
 *	attempt		one try of one address: connect, or listen and serve (serve.c)
 *	open_address	attempts until one succeeds or retry is used up
 *
 * Where a process is forked for each session, the functions return only in the
 * child; the parent leaves its loop by -ECANCELED or an error.  Where sessions share
 * this process (engine.h), they never return 0.
 */

#include "relay/session.h"

#include "base/log.h"
#include "base/str.h"
#include "net/resolve.h"
#include "relay/lock.h"
#include "relay/serve.h"
#include "task/task.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void session_set_pid(struct session *session, const char *name, pid_t pid)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	env_set(&session->env, session->options->address.env_prefix, name, text);
}

void session_init(struct session *session, const struct relay_options *options,
		  const struct address_pair *pair, struct relay_result *result)
{
	*session = (struct session){
		.options = options,
		.pair = pair,
		.wants_env = true,
		.result = result,
	};
	*result = (struct relay_result){ .failure = RELAY_FINE };
	env_set(&session->env, options->address.env_prefix, "VERSION", options->version);
	session_set_pid(session, "PID", getpid());
	session_set_pid(session, "PPID", getpid());
}

void session_done(struct session *session)
{
	for (size_t i = 0; i < ARRAY_SIZE(session->stream); i++) {
		session->stream[i] = stream_free(session->stream[i]);
		session->tap[i] = tap_free(session->tap[i]);
	}
	env_done(&session->env);
}

static int try_once(struct attempt *a, struct stream **ret)
{
	const struct address *address = a->opening.address;
	auto_stream s = NULL;
	int r;

	a->opening.used = a->begun;
	a->opening.more_attempts = a->retries > 0 || address->settings.forever;
	if (address->type->listen)
		r = serve(a, &s);
	else if (address->settings.fork)
		r = connect_again_and_again(a, &s);
	else
		r = address->type->open(&a->opening, &s);
	if (r < 0 || !s)
		return r;
	r = opening_finish(&a->opening, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

/* Would the same thing fail again for sure, or is it the parent who tries again? */
static bool is_final(const struct attempt *a, int r)
{
	if (r == -ECANCELED || a->session->nobody_came || a->forked)
		return true;
	return net_reason_is_resolver(r) && !net_reason_is_temporary(r);
}

static int try_until_open(struct attempt *a, struct stream **ret)
{
	const struct settings *settings = &a->opening.address->settings;
	int r, slept;

	r = opening_begin(&a->opening);
	if (r < 0)
		return r;
	a->begun = a->opening.used;
	for (;;) {
		r = try_once(a, ret);
		if (r >= 0 || is_final(a, r) || (!a->retries && !settings->forever))
			return r;
		if (!settings->forever)
			a->retries--;
		log_notice("%s", a->opening.err->text);
		slept = task_sleep(settings->interval);
		if (slept < 0)
			return slept;
	}
}

/* The descriptor, or -1. */
static int open_raw(const struct session *session, const char *name, const struct timespec *now)
{
	auto_free char *path = tap_expand_name(name, session->options->address.program,
					       &session->env, now);
	int fd = tap_open_raw(path);

	if (fd < 0)
		log_warn("open(\"%s\"): %s", path, err_reason(fd));
	return MAX(fd, -1);
}

static int take_lock(const struct settings *settings, struct owned_path *ret, struct err *err)
{
	if (settings->lockfile)
		return lock_take(settings->lockfile, false, ret, err);
	if (settings->waitlock)
		return lock_take(settings->waitlock, true, ret, err);
	return 0;
}

static void keep_replaced(struct session *session, const struct opening *o)
{
	if (!o->replaced)
		return;
	session->result->failure = RELAY_REPLACED;
	session->result->exit_status = o->replaced_status;
}

/* A socket that only receives may be asked to send: the kernel says no to data, but the
 * end of the other address is told to it and counts, as in classic. */
static bool refuses_by_itself(const struct addr_type *type)
{
	return (type->groups & (GROUP_SOCKET | GROUP_REG)) == GROUP_SOCKET;
}

static int open_address(struct session *session, const struct address *address,
			enum addr_direction wanted, struct stream **ret, struct err *err)
{
	struct attempt a = {
		.session = session,
		.opening = { .address = address,
			     .context = &session->options->address,
			     .wanted = wanted,
			     .env = session->wants_env ? &session->env : NULL,
			     .first = session->stream[0],
			     .err = err },
		.retries = address->settings.retry,
	};
	struct owned_path lock = { 0 };
	struct surroundings around;
	int r;

	if ((address->type->direction & wanted) != wanted) {
		log_warn("%s: address is opened in %s mode but only supports %s", address->keyword,
			 wanted == DIR_BOTH ? "read-write"
			 : wanted == DIR_READ ? "read-only" : "write-only",
			 address->type->direction == DIR_READ ? "read-only" : "write-only");
		if (address->type->direction & wanted && !refuses_by_itself(address->type))
			a.opening.wanted = address->type->direction & wanted;
	}
	r = take_lock(&address->settings, &lock, err);
	if (r == 0)
		r = surroundings_enter(&address->settings, &around, err);
	if (r == 0) {
		r = try_until_open(&a, ret);
		surroundings_leave(&around);
	}
	keep_replaced(session, &a.opening);
	if (r < 0 || !*ret) {
		owned_path_done(&lock);
		return r;
	}
	(*ret)->lock = lock;
	return 0;
}

/* a!!b: read from the first, write to the second. */
static int open_dual(struct session *session, const struct address_pair *pair,
		     enum addr_direction wanted, struct stream **ret, struct err *err)
{
	auto_stream reading = NULL;
	auto_stream writing = NULL;
	int r = 0;

	if (wanted != DIR_BOTH)
		log_warn("unidirectional open of dual address");
	if (wanted & DIR_READ)
		r = open_address(session, &pair->part[0], DIR_READ, &reading, err);
	if (r == 0 && wanted & DIR_WRITE)
		r = open_address(session, &pair->part[1], DIR_WRITE, &writing, err);
	if (r < 0)
		return r;
	*ret = stream_new_joined(take_ptr(reading), take_ptr(writing));
	return 0;
}

int session_open(struct session *session, int side, enum addr_direction wanted, struct err *err)
{
	const struct address_pair *pair = &session->pair[side];

	if (pair->n == 2)
		return open_dual(session, pair, wanted, &session->stream[side], err);
	return open_address(session, &pair->part[0], wanted, &session->stream[side], err);
}

static enum addr_direction opposite(enum addr_direction direction)
{
	return direction == DIR_BOTH ? DIR_BOTH : direction == DIR_READ ? DIR_WRITE : DIR_READ;
}

int session_open_right(struct session *session, struct err *err)
{
	const struct stream *left = session->stream[0];
	enum addr_direction wanted = opposite(session->options->left), possible = wanted;

	if (left->rfd < 0 && !left->reading)
		possible &= ~(unsigned int)DIR_WRITE;
	if (left->wfd < 0 && !left->writing)
		possible &= ~(unsigned int)DIR_READ;
	return session_open(session, 1, possible ? possible : wanted, err);
}

void session_tell_transfer(const struct session *session)
{
	const struct stream *left = session->stream[0], *right = session->stream[1];

	log_notice("starting data transfer loop with FDs [%d,%d] and [%d,%d]", left->rfd, left->wfd,
		   right->rfd, right->wfd);
}

void session_open_taps(struct session *session)
{
	const struct relay_options *options = session->options;
	const char *const names[] = { options->raw_left, options->raw_right };
	bool dump = options->dump_text || options->dump_hex;
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < 2; i++) {
		struct tap *tap;

		if (!dump && !names[i])
			continue;
		tap = session->tap[i] = new_object(struct tap);
		tap->direction = i == 0 ? '>' : '<';
		tap->text = options->dump_text;
		tap->hex = options->dump_hex;
		tap->dump_fd = dump ? options->dump_fd : -1;
		tap->raw_fd = names[i] ? open_raw(session, names[i], &now) : -1;
	}
}
