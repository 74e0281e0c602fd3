/* SPDX-License-Identifier: MIT */
/*
 * How many sessions an engine can have: what the limit of open files allows.  Some descriptors
 * are kept for what is no session's, some for the pipes of the stock, and the rest is
 * divided by what a session has proved to need.
 */

#include "relay/engine.h"

#include "base/fd.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	ELSEWHERE = 64,	 /* no session's, nor of the stock */
	SPARE = 4,	 /* of these, at least, for what comes: the listener, a resolver */
	PER_DUCT = 32,	 /* of so many, one pipe may be made */
	PER_SESSION = 2, /* at least */
};

/* As many descriptors as the system allows; SIZE_MAX: it does not say. */
static size_t raise_file_limit(void)
{
	struct rlimit limit;
	rlim_t before;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return SIZE_MAX;
	before = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		limit.rlim_cur = before;
	return (size_t)limit.rlim_cur;
}

/* The kernel gives the lowest free number, so all below it are in use. */
static size_t descriptors_in_use(void)
{
	auto_close int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? 0 : (size_t)fd;
}

static void set_ceiling(struct engine *engine, size_t files_per_session)
{
	engine->files_per_session = files_per_session;
	engine->ceiling = MAX(engine->files / files_per_session, (size_t)1);
}

void engine_share_descriptors(struct engine *engine)
{
	size_t limit = raise_file_limit(), elsewhere = MIN(limit / 4, (size_t)ELSEWHERE);

	engine->stock->most_ducts = MIN(limit / PER_DUCT, (size_t)STOCK_DUCTS);
	elsewhere = MAX(elsewhere, descriptors_in_use() + SPARE);
	elsewhere += 2 * engine->stock->most_ducts;
	engine->files = limit > elsewhere ? limit - elsewhere : 0;
	set_ceiling(engine, PER_SESSION);
}

/* Of this session alone: the ones of a layer are those of the stream below. */
static size_t descriptors_of(const struct stream *s)
{
	size_t parts;

	if (!s || stream_is_lent(s))
		return 0;
	parts = descriptors_of(s->reading) + descriptors_of(s->writing) + descriptors_of(s->below);
	if (parts || s->end == END_KEEP)
		return parts;
	return (size_t)(s->rfd >= 0) + (size_t)(s->wfd >= 0 && s->wfd != s->rfd);
}

void engine_note_descriptors(struct engine *engine, const struct session *session)
{
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		n += descriptors_of(session->stream[i]);
		n += session->tap[i] && session->tap[i]->raw_fd >= 0;
	}
	if (n > engine->files_per_session)
		set_ceiling(engine, n);
}
