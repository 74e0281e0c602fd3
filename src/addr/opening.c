/* SPDX-License-Identifier: MIT */
/* What all openings share: phases, surroundings, the last checks. */

#include "addr/addr.h"

#include "addr/identity.h"
#include "addr/terminal.h"
#include "addr/udp_peers.h"
#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int apply_rows(struct opening *o, enum opt_phase phase, const struct opt_target *target)
{
	int r;

	do {
		r = opt_apply(&o->address->options, &o->used, phase, target, o->err);
		if (r < 0 && o->context->sloppy)
			log_error("%s", o->err->text);
	} while (r < 0 && o->context->sloppy);
	return r;
}

static int apply_to_terminal(struct opening *o, enum opt_phase phase, int fd)
{
	struct terminal_edit edit = { .begun = false };
	struct opt_target target = {
		.fd = { fd, -1 },
		.n_fds = 1,
		.only = GROUP_TERMIOS,
		.settings = &edit,
	};
	int r;

	r = apply_rows(o, phase, &target);
	if (r == 0)
		r = terminal_edit_write(&edit, fd, o->err);
	if (r < 0 && o->context->sloppy) {
		log_error("%s", o->err->text);
		r = 0;
	}
	return r;
}

/* What options say about a terminal is gathered, to be written by one call: a
 * line that ran at the new speed with the old parity would garble its first bytes. */
static int apply_terminal(struct opening *o, enum opt_phase phase, const struct opt_target *target)
{
	struct opt_used before = o->used;
	int r = 0;

	if (target->only && !(target->only & GROUP_TERMIOS))
		return 0;
	for (size_t i = 0; r == 0 && i < target->n_fds; i++) {
		o->used = before; /* each descriptor gets all of them */
		r = apply_to_terminal(o, phase, target->fd[i]);
	}
	return r;
}

static int apply(struct opening *o, enum opt_phase phase, const struct opt_target *target)
{
	int r = phase == PHASE_FD ? apply_terminal(o, phase, target) : 0;

	return r < 0 ? r : apply_rows(o, phase, target);
}

int opening_apply(struct opening *o, enum opt_phase phase, int fd, const char *path)
{
	struct opt_target target = { .fd = { fd, -1 }, .n_fds = fd >= 0, .path = path };

	return apply(o, phase, &target);
}

int opening_apply_named(struct opening *o, enum opt_phase phase, const char *path)
{
	return opening_apply_only(o, phase, GROUP_NAMED, -1, path);
}

int opening_apply_new(struct opening *o, enum opt_phase phase, const char *path)
{
	struct opt_target target = {
		.fd = { -1, -1 },
		.path = path,
		.path_is_new = true,
		.only = GROUP_NAMED,
	};

	return apply(o, phase, &target);
}

int opening_apply_only(struct opening *o, enum opt_phase phase, opt_groups only, int fd,
		       const char *path)
{
	struct opt_target target = {
		.fd = { fd, -1 },
		.n_fds = fd >= 0,
		.path = path,
		.only = only,
	};

	return apply(o, phase, &target);
}

int opening_begin(struct opening *o)
{
	struct opt_target target = { .fd = { -1, -1 }, .only = GROUP_PROCESS };

	return apply(o, PHASE_EARLY, &target);
}

int opening_apply_both(struct opening *o, enum opt_phase phase, int rfd, int wfd)
{
	struct opt_target target = { .fd = { rfd, wfd }, .n_fds = 2 };

	if (rfd < 0 || wfd < 0 || rfd == wfd)
		return opening_apply(o, phase, rfd < 0 ? wfd : rfd, NULL);
	return apply(o, phase, &target);
}

void opening_complain(const struct opening *o)
{
	log_event(o->more_attempts ? LEVEL_NOTICE : LEVEL_WARN, "%s", o->err->text);
}

const struct option *opening_take(struct opening *o, const char *name)
{
	return opt_take(&o->address->options, &o->used, name);
}

static int check_unused(struct opening *o)
{
	const struct option *unused;
	size_t count;

	unused = opt_unused(&o->address->options, &o->used, &count);
	if (!unused)
		return 0;
	log_warn("showleft(): option \"%s\" not inquired", unused->name);
	return err_set(o->err, -EINVAL, "INTERNAL: %zu option(s) remained unused", count);
}

static void settle(struct stream *s, const struct address *a)
{
	const struct settings *settings = &a->settings;

	if (s->below)
		settle(s->below, a);
	if (opt_given(&a->options, "o-nonblock"))
		s->nonblocking = false;
	if (settings->shut)
		s->shut = (uint8_t)settings->shut;
	if (settings->end_close) {
		s->keep_program = true;
		if (s->end == END_SHUTDOWN)
			s->end = END_CLOSE;
		if ((s->shut == SHUT_DOWN || s->shut == SHUT_OWN) && !settings->shut)
			s->shut = SHUT_NONE; /* others go on using the connection */
	}
	if (s->keep_program || (s->shut != SHUT_DOWN && s->shut != SHUT_CLOSE))
		s->wait_program = false; /* it lives on, or does not see the end of its input */
	s->cool_write = settings->cool_write;
	s->null_eof = settings->null_eof;
}

int opening_finish(struct opening *o, struct stream *s)
{
	const struct settings *settings = &o->address->settings;
	int r;

	settle(s, o->address);
	r = opening_apply_both(o, PHASE_LATE, s->rfd, s->wfd);
	if (r == 0 && settings->later_user)
		r = identity_become(settings->later_user, o->err); /* after chroot */
	if (r == 0)
		r = opening_apply_both(o, PHASE_LATE2, s->rfd, s->wfd);
	if (r == 0)
		r = opening_apply_both(o, PHASE_PASTEXEC, s->rfd, s->wfd);
	if (r < 0)
		return r;
	r = check_unused(o);
	if (r < 0 && o->context->sloppy) {
		log_error("%s", o->err->text);
		return 0;
	}
	return r;
}

/* The old namespace, to come back; sockets that are made in between stay where they are. */
static int enter_netns(const char *name, int *ret_old, struct err *err)
{
	auto_free char *path = str_format("/run/netns/%s", name);
	auto_close int old = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (old < 0 || fd < 0)
		return err_set(err, -errno, "open(\"%s\"): %s", path, err_reason(-errno));
	if (setns(fd, CLONE_NEWNET) < 0)
		return err_set(err, -errno, "setns(\"%s\"): %s", path, err_reason(-errno));
	*ret_old = take_fd(&old);
	return 0;
}

static void leave_netns(int old)
{
	if (setns(old, CLONE_NEWNET) < 0)
		log_warn("setns(): %s", err_reason(-errno));
	(void)close(old);
}

static int enter_directory(const char *path, int *ret_old, struct err *err)
{
	auto_close int old = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0 || chdir(path) < 0)
		return err_set(err, -errno, "chdir(\"%s\"): %s", path, err_reason(-errno));
	*ret_old = take_fd(&old);
	return 0;
}

int surroundings_enter(const struct settings *settings, struct surroundings *ret, struct err *err)
{
	struct surroundings old = { .netns = -1, .cwd = -1, .umask = -1 };
	int r = 0;

	if (settings->netns)
		r = enter_netns(settings->netns, &old.netns, err);
	if (r == 0 && settings->chdir)
		r = enter_directory(settings->chdir, &old.cwd, err);
	if (r < 0) {
		surroundings_leave(&old);
		return r;
	}
	if (settings->umask >= 0)
		old.umask = (int)umask((mode_t)settings->umask);
	*ret = old;
	return 0;
}

void surroundings_leave(struct surroundings *old)
{
	if (old->umask >= 0)
		(void)umask((mode_t)old->umask);
	if (old->cwd >= 0) {
		if (fchdir(old->cwd) < 0)
			log_warn("fchdir(): %s", err_reason(-errno));
		(void)close(old->cwd);
	}
	if (old->netns >= 0)
		leave_netns(old->netns);
	*old = (struct surroundings){ .netns = -1, .cwd = -1, .umask = -1 };
}

void arrival_done(struct arrival *a)
{
	if (a->fd >= 0 && !(a->from && a->from->lends))
		(void)close(a->fd);
	a->fd = -1;
	free(take_ptr(a->packet));
	a->udp_peer = udp_peer_free(a->udp_peer);
	a->carrier = stream_free(a->carrier);
	listener_release(take_ptr(a->from));
	env_done(&a->env);
}

struct listener *listener_new(const struct listener_ops *ops, int fd)
{
	struct listener *l = new_object(struct listener);

	l->ops = ops;
	l->fd = fd;
	l->users = 1;
	return l;
}

struct listener *listener_keep(struct listener *l)
{
	l->users++;
	return l;
}

void listener_release(struct listener *l)
{
	if (!l || --l->users)
		return;
	listener_release(l->below);
	if (l->fd >= 0)
		(void)close(l->fd);
	if (l->state)
		l->state_done(l->state);
	free(l);
}

struct listener *listener_free(struct listener *l)
{
	for (struct listener *each = l; each; each = each->below) {
		if (each->fd >= 0 && !each->lends)
			(void)close(take_fd(&each->fd));
		owned_path_done(&each->path);
	}
	listener_release(l);
	return NULL;
}

void listener_free_pointer(struct listener **l)
{
	(void)listener_free(*l);
}
