/* SPDX-License-Identifier: MIT */
/* Children; see child.h. */

#include "task/child.h"

#include "base/log.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	pid_t pid;
	enum child_kind kind;
	bool ended, forgotten;
	int status;
};

static struct {
	struct child *items;
	size_t n, size;
} family;

static void family_add(pid_t pid, enum child_kind kind)
{
	if (family.n == family.size) {
		family.size = family.size ? family.size * 2 : 8;
		family.items = mem_resize(family.items, family.size, sizeof(struct child));
	}
	family.items[family.n++] = (struct child){ .pid = pid, .kind = kind };
}

static struct child *family_find(pid_t pid)
{
	for (size_t i = 0; i < family.n; i++)
		if (family.items[i].pid == pid && !family.items[i].forgotten)
			return &family.items[i];
	return NULL;
}

static void family_remove(struct child *child)
{
	*child = family.items[--family.n];
}

pid_t child_fork(enum child_kind kind)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid > 0) {
		family_add(pid, kind);
		return pid;
	}
	family.n = 0;
	(void)signals_reopen();
	return 0;
}

size_t child_count(enum child_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < family.n; i++)
		n += family.items[i].kind == kind && !family.items[i].ended &&
		     !family.items[i].forgotten;
	return n;
}

bool child_lives(pid_t pid)
{
	const struct child *child = family_find(pid);

	return child && !child->ended;
}

bool child_ended(pid_t pid, int *ret_status)
{
	struct child *child = family_find(pid);

	if (!child || !child->ended)
		return false;
	*ret_status = child->status;
	return true;
}

static void report(const struct child *child)
{
	enum log_level level = child->kind == CHILD_PROGRAM ? LEVEL_WARN : LEVEL_INFO;
	int status = child->status;

	if (WIFSIGNALED(status))
		log_event(level, "waitpid(): child %d exited on signal %d", (int)child->pid,
			  WTERMSIG(status));
	else
		log_event(WEXITSTATUS(status) ? level : LEVEL_INFO,
			  "waitpid(): child %d exited with status %d", (int)child->pid,
			  WEXITSTATUS(status));
}

static void note_end(struct child *child, int status)
{
	child->ended = true;
	child->status = status;
	signals_forget(child->pid);
	if (!child->forgotten && (child->kind == CHILD_SESSION || child->kind == CHILD_PROGRAM))
		report(child);
	if (child->forgotten || child->kind == CHILD_SESSION)
		family_remove(child);
}

void child_started(pid_t pid)
{
	struct child *child = family_find(pid);

	if (!child)
		return;
	child->kind = CHILD_PROGRAM;
	if (child->ended)
		report(child);
}

/* A program collects all children, also those it inherited over exec(2). */
static void reap_all(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < family.n; i++)
			if (family.items[i].pid == pid) {
				note_end(&family.items[i], status);
				break;
			}
}

/* In a library the other children are the caller's, who wants to wait for them. */
static void reap_family(void)
{
	int status;

	for (size_t i = family.n; i-- > 0;)
		if (!family.items[i].ended && waitpid(family.items[i].pid, &status, WNOHANG) > 0)
			note_end(&family.items[i], status);
}

void child_reap(void)
{
	if (signals_fd() >= 0)
		reap_all();
	else
		reap_family();
}

static int wait_main(void *arg)
{
	const pid_t *pid = arg;
	siginfo_t info;

	if (waitid(P_PID, (id_t)*pid, &info, WEXITED | WNOWAIT) == 0 || errno == EINTR)
		return 0;
	return -errno;
}

int child_wait(pid_t pid)
{
	int r, status;

	child_reap();
	while (family_find(pid) && !child_ended(pid, &status)) {
		/* Where no signal tells that a child has ended, somebody has to wait for it. */
		r = signals_fd() >= 0 ? task_wait_signal() : task_offload(wait_main, &pid);
		if (r < 0)
			return r;
		child_reap();
	}
	return 0;
}

void child_forget(pid_t pid)
{
	struct child *child = family_find(pid);

	if (!child)
		return;
	signals_forget(pid);
	child->forgotten = true;
	if (child->ended)
		family_remove(child);
}
