/* SPDX-License-Identifier: MIT */
/* Looking up a user and becoming him; see identity.h. */

#include "addr/identity.h"

#include "base/str.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_GUESS = 32 };

static int look_up_groups(struct identity *identity, struct err *err)
{
	int n = FIRST_GUESS;

	for (int tries = 0; tries < 2; tries++) {
		identity->groups = mem_resize(identity->groups, (size_t)n, sizeof(gid_t));
		if (getgrouplist(identity->name, identity->gid, identity->groups, &n) >= 0) {
			identity->n_groups = (size_t)n;
			return 0;
		}
	}
	return err_set(err, -EAGAIN, "getgrouplist(\"%s\"): the groups change", identity->name);
}

int identity_look_up(uid_t uid, struct identity **ret, struct err *err)
{
	const struct passwd *user = getpwuid(uid);
	auto_identity identity = NULL;
	int r;

	if (!user)
		return err_set(err, -ENOENT, "getpwuid(%u): no such user", uid);
	identity = new_object(struct identity);
	identity->uid = uid;
	identity->gid = user->pw_gid;
	identity->name = str_copy(user->pw_name);
	identity->home = str_copy(user->pw_dir);
	identity->shell = str_copy(user->pw_shell);
	r = look_up_groups(identity, err);
	if (r < 0)
		return r;
	*ret = take_ptr(identity);
	return 0;
}

int identity_become(const struct identity *identity, struct err *err)
{
	if (setgroups(identity->n_groups, identity->groups) < 0 || setgid(identity->gid) < 0 ||
	    setuid(identity->uid) < 0)
		return err_set(err, -errno, "switch to user %s: %s", identity->name,
			       err_reason(-errno));
	(void)setenv("USER", identity->name, 1);
	(void)setenv("LOGNAME", identity->name, 1);
	(void)setenv("HOME", identity->home, 1);
	(void)setenv("SHELL", identity->shell, 1);
	return 0;
}

struct identity *identity_free(struct identity *identity)
{
	if (!identity)
		return NULL;
	free(identity->groups);
	free(identity->name);
	free(identity->home);
	free(identity->shell);
	free(identity);
	return NULL;
}

void identity_free_pointer(struct identity **identity)
{
	(void)identity_free(*identity);
}
