/* SPDX-License-Identifier: MIT */
/*
 * Pseudo terminals, and the address PTY.
 *
 * Terminal settings are one for both sides, so they are set through the master and
 * the slave need not be opened for that.  Once somebody has had the slave open, its
 * last close is the end; so it is kept open, unless wait-slave or ptmx says that
 * this end is wanted.
 */

#include "addr/pty.h"

#include "addr/families.h"
#include "base/log.h"
#include "opt/action.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void pty_done(struct pty *pty)
{
	if (pty->master >= 0)
		(void)close(take_fd(&pty->master));
	if (pty->slave >= 0)
		(void)close(take_fd(&pty->slave));
	owned_path_done(&pty->link);
}

static int open_pair(struct opening *o, struct pty *pty)
{
	int r;

	pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (pty->master < 0)
		return err_set(o->err, -errno, "posix_openpt(): %s", err_reason(-errno));
	if (grantpt(pty->master) < 0 || unlockpt(pty->master) < 0)
		return err_set(o->err, -errno, "unlockpt(%d): %s", pty->master, err_reason(-errno));
	r = -ptsname_r(pty->master, pty->name, sizeof(pty->name));
	if (r < 0)
		return err_set(o->err, r, "ptsname_r(%d): %s", pty->master, err_reason(r));
	return 0;
}

/* Once open, the slave is hung up by our closing it: PTY,ptmx leaves it to others. */
static bool leaves_slave_alone(const struct opening *o)
{
	const struct settings *settings = &o->address->settings;

	return settings->ptmx && !settings->wait_slave &&
	       !(o->address->type->groups & GROUP_FORK);
}

/* Before options may take its permissions from us. */
static int open_slave(struct opening *o, struct pty *pty)
{
	if (leaves_slave_alone(o))
		return 0;
	pty->slave = open(pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->slave < 0)
		return err_set(o->err, -errno, "open(\"%s\"): %s", pty->name, err_reason(-errno));
	return 0;
}

/* Whatever has the link's name goes. */
static int make_link(struct opening *o, struct pty *pty)
{
	const struct settings *settings = &o->address->settings;

	if (!settings->link)
		return 0;
	if (unlink(settings->link) < 0 && errno != ENOENT)
		return err_set(o->err, -errno, "unlink(\"%s\"): %s", settings->link,
			       err_reason(-errno));
	if (symlink(pty->name, settings->link) < 0)
		return err_set(o->err, -errno, "symlink(\"%s\", \"%s\"): %s", pty->name,
			       settings->link, err_reason(-errno));
	if (settings->unlink_close != 0)
		owned_path_set(&pty->link, settings->link);
	return 0;
}

static int apply_options(struct opening *o, struct pty *pty)
{
	static const struct {
		enum opt_phase phase;
		opt_groups groups;
	} steps[] = {
		{ PHASE_PREOPEN, GROUP_NAMED },
		{ PHASE_PASTOPEN, GROUP_NAMED },
		{ PHASE_FD, GROUP_NAMED | GROUP_TERMIOS },
		{ PHASE_LATE, GROUP_FD }, /* perm-late ... are of the entry, not of the master */
	};

	/* What has the link's name is removed anyway; the slave cannot be. */
	(void)opening_take(o, "unlink");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r = opening_apply_only(o, steps[i].phase, steps[i].groups, pty->master,
					   pty->name);

		if (r < 0)
			return r;
	}
	return opening_apply(o, PHASE_FD, pty->master, NULL);
}

/* Without a terminal nobody takes them, which is an error in the end. */
static void take_options(struct opening *o)
{
	static const char *const names[] = { "symbolic-link", "pty-wait-slave", "pty-interval" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)opening_take(o, names[i]);
}

static const struct pty nothing = { .master = -1, .slave = -1 };

int pty_open(struct opening *o, struct pty *ret)
{
	auto_pty pty = nothing;
	int r;

	take_options(o);
	r = opening_apply_only(o, PHASE_EARLY, GROUP_NAMED, -1, o->address->settings.link);
	if (r == 0)
		r = open_pair(o, &pty);
	if (r == 0)
		r = open_slave(o, &pty);
	if (r == 0)
		r = apply_options(o, &pty);
	if (r == 0)
		r = make_link(o, &pty);
	if (r < 0)
		return r;
	*ret = pty;
	pty = nothing;
	return 0;
}

struct stream *pty_stream(const struct opening *o, struct pty *pty)
{
	struct stream *s = stream_new_master(o->wanted & DIR_READ ? pty->master : -1,
					     o->wanted & DIR_WRITE ? pty->master : -1, pty->slave);

	s->master->hang_up_limit = o->address->settings.sitout_eio;
	s->path = pty->link;
	*pty = nothing;
	return s;
}

/* A hang-up is reported while nobody has the slave open, once somebody had. */
static bool slave_is_open(const struct pty *pty)
{
	struct pollfd p = { .fd = pty->master };

	return poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP);
}

static int wait_for_slave(struct opening *o, struct pty *pty)
{
	int r = 0;

	(void)close(take_fd(&pty->slave));
	while (r == 0 && !slave_is_open(pty))
		r = task_sleep(o->address->settings.pty_interval);
	return r;
}

static int open_pty(struct opening *o, struct stream **ret)
{
	const struct settings *settings = &o->address->settings;
	auto_pty pty = nothing;
	int r;

	r = pty_open(o, &pty);
	if (r < 0)
		return r;
	log_notice("PTY is %s", pty.name);
	if (settings->wait_slave)
		r = wait_for_slave(o, &pty);
	if (r < 0)
		return r;
	*ret = pty_stream(o, &pty);
	return 0;
}

static const struct addr_type rows[] = {
	{ "PTY", "", "make a pseudo terminal for somebody else to open",
	  GROUP_FD | GROUP_NAMED | GROUP_TERMIOS | GROUP_PTY, DIR_BOTH, 0, 0, open_pty },
};

const struct addr_table pty_addresses = { rows, ARRAY_SIZE(rows) };

#define TAKEN(names, help, phase, type, store, member)                                             \
	{ names, help, GROUP_PTY, phase, SCOPE_TAKEN, &value_##type, opt_store_##store,            \
	  { .offset = offsetof(struct settings, member) } }

static const struct opt_type options[] = {
	STORED("pty", "use a pseudo terminal instead of a socket", GROUP_FORK, PHASE_BIGEN, bool,
	      bool, pty),
	STORED("openpty", "use a pseudo terminal; as an address, keep its slave open", GROUP_PTY,
	      PHASE_BIGEN, bool, bool, openpty),
	STORED("ptmx", "use a pseudo terminal; as an address, end when its slave is closed",
	      GROUP_PTY, PHASE_BIGEN, bool, bool, ptmx),
	STORED("sitout-eio", "seconds without an open slave that are no end yet", GROUP_PTY,
	      PHASE_OFFSET, timeval, time, sitout_eio),
	TAKEN("symbolic-link link", "make a symbolic link to the slave", PHASE_LATE, filename, text,
	      link),
	TAKEN("pty-wait-slave wait-slave waitslave",
	      "wait until the slave is opened; its last close is the end", PHASE_EARLY, bool, bool,
	      wait_slave),
	TAKEN("pty-interval pty-intervall", "with wait-slave, seconds between two looks",
	      PHASE_EARLY, timespec, time, pty_interval),
};

const struct opt_table pty_options = { options, ARRAY_SIZE(options) };
