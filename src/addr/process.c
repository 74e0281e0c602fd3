/* SPDX-License-Identifier: MIT */
/* Options that change a whole process: user, group, root directory, session. */

#include "addr/families.h"
#include "addr/identity.h"
#include "base/log.h"
#include "opt/action.h"

#include <errno.h>
#include <unistd.h>

static int set_gid(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	(void)fd;
	if (setgid((gid_t)o->value.number[0]) < 0)
		return err_set(err, -errno, "setgid(%lld): %s", o->value.number[0],
			       err_reason(-errno));
	return 0;
}

static int set_uid(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	(void)fd;
	if (setuid((uid_t)o->value.number[0]) < 0)
		return err_set(err, -errno, "setuid(%lld): %s", o->value.number[0],
			       err_reason(-errno));
	return 0;
}

/* The whole user: supplementary groups, group, user, and the environment that
 * tells programs who they are. */
static int switch_user(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	auto_identity identity = NULL;
	int r;

	(void)t;
	(void)fd;
	r = identity_look_up((uid_t)o->value.number[0], &identity, err);
	return r < 0 ? r : identity_become(identity, err);
}

/* The user is looked up while the databases are in reach, and becomes ours after
 * chroot, when there may be none. */
static int keep_user(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct settings *settings = t->settings;

	(void)fd;
	settings->later_user = identity_free(settings->later_user);
	return identity_look_up((uid_t)o->value.number[0], &settings->later_user, err);
}

static int change_root(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	(void)fd;
	if (chroot(o->value.text) < 0 || chdir("/") < 0)
		return err_set(err, -errno, "chroot(\"%s\"): %s", o->value.text,
			       err_reason(-errno));
	return 0;
}

static int set_session(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	(void)fd;
	(void)err;
	if (!o->value.number[0] || setsid() >= 0)
		return 0;
	/* A group leader may not: leave the group first. */
	log_warn("setsid(): %s", err_reason(-errno));
	(void)setpgid(0, getppid());
	if (setsid() < 0)
		log_warn("setsid(): %s", err_reason(-errno));
	return 0;
}

#define PROCESS_OPTION(names, help, phase, type, action)                                           \
	{ names, help, GROUP_PROCESS, phase, SCOPE_PROCESS, &value_##type, action }

static const struct opt_type options[] = {
	PROCESS_OPTION("setgid-early", "change the group before opening", PHASE_EARLY, gid,
		       set_gid),
	PROCESS_OPTION("setgid", "change the group once open", PHASE_LATE2, gid, set_gid),
	PROCESS_OPTION("setuid-early", "change the user before opening", PHASE_EARLY, uid, set_uid),
	PROCESS_OPTION("setuid", "change the user once open; groups stay", PHASE_LATE2, uid,
		       set_uid),
	PROCESS_OPTION("substuser-early su-e", "become this user before opening", PHASE_EARLY, uid,
		       switch_user),
	PROCESS_OPTION("substuser su", "become this user, with groups, once open", PHASE_LATE2, uid,
		       switch_user),
	{ "substuser-delayed su-d", "become this user, looked up at the start, once open",
	  GROUP_PROCESS, PHASE_INIT, SCOPE_SETTINGS, &value_uid, keep_user },
	{ "netns", "open in this network namespace of ip-netns(8)", GROUP_PROCESS, PHASE_INIT,
	  SCOPE_SETTINGS, &value_string, opt_store_text,
	  { .offset = offsetof(struct settings, netns) } },
	PROCESS_OPTION("chroot-early", "change the root directory before opening", PHASE_EARLY,
		       string, change_root),
	PROCESS_OPTION("chroot", "change the root directory once open", PHASE_LATE, string,
		       change_root),
	PROCESS_OPTION("setsid sid", "become the leader of a new session", PHASE_LATE, bool,
		       set_session),
};

const struct opt_table process_options = { options, ARRAY_SIZE(options) };
