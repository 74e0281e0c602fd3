/* SPDX-License-Identifier: MIT */
/* --stop: a question, SIGTERM, and waiting for the end.  A process is held by a pidfd
 * from before the question, so that nobody who took its number later is ended. */

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "tool/port.h"
#include "tool/tool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { END_LIMIT_MS = 5000, TARGET_NAME_MAX = 128, ANSWER_MAX = 16 };

struct target {
	int pid, pidfd;
	char name[TARGET_NAME_MAX];
};

struct targets {
	struct target *list;
	size_t count;
};

static void targets_done(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		(void)close(targets->list[i].pidfd);
	free(targets->list);
}

static bool is_known(const struct targets *targets, int pid)
{
	for (size_t i = 0; i < targets->count; i++)
		if (targets->list[i].pid == pid)
			return true;
	return false;
}

/* Is the descriptor still the socket it was when we looked? */
static bool still_holds(const struct port *port, const struct owner *owner, uint32_t inode)
{
	auto_free char *path = str_format("%s/%d/fd/%d", port->places.root, owner->pid, owner->fd);
	char link[64];
	ssize_t len = readlink(path, link, sizeof(link));
	uint32_t now;

	return len > 0 && owner_parse_link(link, (size_t)len, &now) && now == inode;
}

/* 0, or the exit status of a refusal. */
static int add_target(const struct port *port, const struct owner *owner, uint32_t inode,
		      struct targets *targets)
{
	struct target target = { .pid = owner->pid };

	(void)port_owner_name(owner, target.name, sizeof(target.name));
	if (is_known(targets, owner->pid))
		return 0;
	if (owner->pid == 1 || owner->pid == getpid()) {
		fprintf(stderr, "sockbox port: %s holds it and is never ended\n", target.name);
		return EXIT_FAILED;
	}
	target.pidfd = (int)syscall(SYS_pidfd_open, owner->pid, 0);
	if (target.pidfd < 0) {
		fprintf(stderr, "sockbox port: %s: %s\n", target.name, strerror(errno));
		return EXIT_FAILED;
	}
	targets->list = mem_resize(targets->list, targets->count + 1, sizeof(*targets->list));
	targets->list[targets->count++] = target;
	if (!still_holds(port, owner, inode)) {
		fprintf(stderr, "sockbox port: %s does not hold it any more\n", target.name);
		return EXIT_FAILED;
	}
	return 0;
}

static int add_targets(const struct port *port, const struct found *listener,
		       struct targets *targets)
{
	uint32_t inode = listener->record.inode;
	size_t i = owners_first(port->owners, inode);
	struct owner owner;
	int status;

	if (!i) {
		fprintf(stderr, "sockbox port: cannot stop it, its process is unknown: %s\n",
			owners_why(port->owners, &listener->record));
		return EXIT_FAILED;
	}
	for (; i; i = owners_next(port->owners, i)) {
		owners_get(port->owners, i, &owner);
		status = add_target(port, &owner, inode, targets);
		if (status)
			return status;
	}
	return 0;
}

/* Only "y" and "yes" are a yes, and only from a terminal that shows the question. */
static bool is_confirmed(const struct port *port, const struct targets *targets)
{
	char answer[ANSWER_MAX];

	if (port->yes)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		fputs("sockbox port: --stop asks on a terminal; there is none: add --yes\n",
		      stderr);
		return false;
	}
	fputs("End ", stderr);
	for (size_t i = 0; i < targets->count; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", targets->list[i].name);
	fputs("? [y/N] ", stderr);
	if (!fgets(answer, sizeof(answer), stdin)) {
		answer[0] = '\0';
		fputc('\n', stderr);
	}
	answer[strcspn(answer, "\n")] = '\0';
	if (str_equal_nocase(answer, "y") || str_equal_nocase(answer, "yes"))
		return true;
	fputs("sockbox port: nothing was ended\n", stderr);
	return false;
}

static int end_target(const struct target *target, int64_t deadline)
{
	struct pollfd ended = { .fd = target->pidfd, .events = POLLIN };

	if (poll(&ended, 1, clock_poll_timeout(deadline)) > 0) {
		printf("ended %s\n", target->name);
		return EXIT_DONE;
	}
	fprintf(stderr, "sockbox port: %s got SIGTERM but has not ended within %d s\n",
		target->name, END_LIMIT_MS / 1000);
	return EXIT_FAILED;
}

/* All get the signal before we wait: workers end with their master. */
static int end_targets(const struct targets *targets)
{
	int64_t deadline = clock_after((int64_t)END_LIMIT_MS * CLOCK_US_PER_MS);
	int status = EXIT_DONE;

	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->list[i];

		if (syscall(SYS_pidfd_send_signal, target->pidfd, SIGTERM, NULL, 0) < 0 &&
		    errno != ESRCH) {
			fprintf(stderr, "sockbox port: %s: %s\n", target->name, strerror(errno));
			return EXIT_FAILED;
		}
	}
	for (size_t i = 0; i < targets->count; i++)
		if (end_target(&targets->list[i], deadline) != EXIT_DONE)
			status = EXIT_FAILED;
	return status;
}

int port_stop(const struct port *port, const struct findings *findings)
{
	struct targets targets = { 0 };
	int status = 0;

	for (size_t i = 0; i < findings->listeners_count && !status; i++)
		status = add_targets(port, &findings->listeners[i], &targets);
	if (!status)
		status = is_confirmed(port, &targets) ? end_targets(&targets) : EXIT_FAILED;
	targets_done(&targets);
	return status;
}
