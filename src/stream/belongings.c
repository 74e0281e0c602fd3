/* SPDX-License-Identifier: MIT */
/* What is removed or put back when its stream goes; see belongings.h. */

#include "stream/belongings.h"

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "net/interface.h"

#include <errno.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Kept from the root on: the address may have been opened in another folder. */
void owned_path_set(struct owned_path *owned, const char *path)
{
	auto_free char *folder = *path == '/' ? NULL : getcwd(NULL, 0);

	free(owned->path);
	owned->path = folder ? str_format("%s/%s", folder, path) : str_copy(path);
	owned->owner = getpid();
}

void owned_path_set_queue(struct owned_path *owned, const char *name)
{
	free(owned->path);
	*owned = (struct owned_path){ str_copy(name), getpid(), .queue = true };
}

static int remove_path(const struct owned_path *owned)
{
	return owned->queue ? mq_unlink(owned->path) : unlink(owned->path);
}

void owned_path_done(struct owned_path *owned)
{
	if (owned->path && owned->owner == getpid() && remove_path(owned) < 0 && errno != ENOENT)
		log_warn("%s(\"%s\"): %s", owned->queue ? "mq_unlink" : "unlink", owned->path,
			 err_reason(-errno));
	free(owned->path);
	owned->path = NULL;
}

void saved_terminal_take(struct saved_terminal **list, int fd)
{
	struct saved_terminal new = { .next = *list, .fd = fd, .owner = getpid() };

	for (const struct saved_terminal *t = *list; t; t = t->next)
		if (t->fd == fd)
			return;
	if (tcgetattr(fd, &new.settings) == 0)
		*list = mem_copy(&new, sizeof(new));
}

void saved_terminals_restore(struct saved_terminal *list)
{
	while (list) {
		struct saved_terminal *saved = list;

		if (saved->owner == getpid())
			(void)tcsetattr(saved->fd, TCSANOW, &saved->settings);
		list = saved->next;
		free(saved);
	}
}

void saved_interface_take(struct saved_interface **saved, const char *name, uint16_t flags)
{
	if (!*saved)
		*saved = new_object(struct saved_interface);
	**saved = (struct saved_interface){ .owner = getpid(), .flags = flags };
	(void)snprintf((*saved)->name, sizeof((*saved)->name), "%s", name);
}

void saved_interface_restore(const struct saved_interface *saved, int fd)
{
	int r;

	if (!saved || saved->owner != getpid())
		return;
	r = net_interface_set_flags(fd, saved->name, saved->flags);
	if (r < 0 && r != -ENODEV)
		log_warn("flags of interface \"%s\": %s", saved->name, err_reason(r));
}
