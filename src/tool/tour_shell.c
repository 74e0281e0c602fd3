/* SPDX-License-Identifier: MIT */
/* A real interactive shell on a pseudo-terminal, with job control.  The prompt
 * is the exit status between two marks, so that it can be told from output. */

#include "tool/tour.h"

#include "base/fd.h"
#include "base/str.h"
#include "task/child.h"
#include "task/task.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

static const char MARK = '\x1e';
enum {
	OUTPUT_MAX = 4 << 20,
	COLUMNS_MIN = 100,
	STAT_MAX = 4096,
	END_POLL_NS = 5000000,
	END_POLLS = 400, /* two seconds for an orderly end */
};

/* As wide as our own terminal, but never so narrow that ss wraps its lines. */
static struct winsize window_size(void)
{
	struct winsize size = { 0 };

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	return (struct winsize){ .ws_row = 24, .ws_col = MAX(size.ws_col, COLUMNS_MIN) };
}

/* The terminal echoes nothing (we show the commands ourselves) and adds no
 * carriage returns. */
static int open_terminal(int *ret_master, int *ret_slave)
{
	struct winsize size = window_size();
	struct termios termios;

	if (openpty(ret_master, ret_slave, NULL, NULL, &size) < 0)
		return -errno;
	(void)fd_set_cloexec(*ret_master, true);
	if (tcgetattr(*ret_slave, &termios) < 0)
		return -errno;
	termios.c_lflag &= ~(tcflag_t)ECHO;
	termios.c_oflag &= ~(tcflag_t)ONLCR;
	return tcsetattr(*ret_slave, TCSANOW, &termios) < 0 ? -errno : 0;
}

/* The child: nothing of the user's own set-up may change what is seen. */
static _Noreturn void become_shell(int slave, const char *path)
{
	auto_free char *path_entry = str_format("PATH=%s", path);
	auto_free char *prompt = str_format("PS1=%c$?%c", MARK, MARK);
	const char *home = getenv("HOME");
	auto_free char *home_entry = str_format("HOME=%s", home ? home : "/");
	char *environment[] = {
		path_entry, prompt, home_entry, (char[]){ "PS2=" }, (char[]){ "LC_ALL=C" },
		(char[]){ "TERM=dumb" }, (char[]){ "HISTFILE=" }, (char[]){ "MAILCHECK=-1" }, NULL,
	};
	char bash[] = "bash", sh[] = "sh", interactive[] = "-i";
	char no_profile[] = "--noprofile", no_rc[] = "--norc", no_editing[] = "--noediting";

	(void)signal(SIGPIPE, SIG_DFL);
	if (login_tty(slave) == 0) {
		(void)execvpe(bash, (char *[]){ bash, no_profile, no_rc, no_editing, interactive,
						NULL }, environment);
		(void)execvpe(sh, (char *[]){ sh, interactive, NULL }, environment);
	}
	_exit(127);
}

int tour_shell_open(struct tour_shell *ret, const char *path, struct err *err)
{
	auto_close int master = -1, slave = -1;
	pid_t pid;
	int r;

	r = open_terminal(&master, &slave);
	if (r < 0)
		return err_set(err, r, "pseudo-terminal: %s", err_reason(r));

	pid = child_fork(CHILD_PROGRAM);
	if (pid < 0)
		return err_set(err, (int)pid, "fork: %s", err_reason((int)pid));
	if (pid == 0)
		become_shell(slave, path);

	*ret = (struct tour_shell){
		.pid = pid,
		.fd = take_fd(&master),
		.output = { .max = OUTPUT_MAX },
	};
	return 0;
}

int tour_shell_type(struct tour_shell *shell, const char *line)
{
	auto_free char *typed = str_format("%s\n", line);

	buf_clear(&shell->output);
	shell->has_prompt = false;
	return fd_write_all(shell->fd, typed, strlen(typed));
}

/* Takes the prompt, `MARK status MARK`, out of the output once it is there. */
static void take_prompt(struct tour_shell *shell)
{
	char *start = shell->output.len ? strchr(shell->output.data, MARK) : NULL;
	char *end = start ? strchr(start + 1, MARK) : NULL;

	if (!end)
		return;
	shell->status = (int)strtol(start + 1, NULL, 10);
	shell->has_prompt = true;
	memmove(start, end + 1, strlen(end + 1) + 1);
	shell->output.len = strlen(shell->output.data);
}

int tour_shell_read(struct tour_shell *shell, int64_t microseconds)
{
	int64_t before = task_deadline(clock_after(microseconds));
	char piece[4096];
	ssize_t n;
	int r;

	r = task_wait(shell->fd, POLLIN);
	(void)task_deadline(before);
	if (r < 0)
		return r;
	n = read(shell->fd, piece, sizeof(piece));
	if (n <= 0)
		return n < 0 ? -errno : -EIO;

	for (ssize_t i = 0; i < n; i++)
		if (piece[i] != '\0' && piece[i] != '\r')
			buf_put_byte(&shell->output, piece[i]);
	take_prompt(shell);
	return 0;
}

bool tour_shell_is_busy(const struct tour_shell *shell)
{
	pid_t foreground = tcgetpgrp(shell->fd);

	return foreground > 0 && foreground != shell->pid;
}

bool tour_shell_job_lives(const struct tour_shell *shell)
{
	pid_t job;

	return sscanf(buf_text(&shell->output), "[%*d] %d", &job) != 1 || kill(job, 0) == 0 ||
	       errno == EPERM;
}

void tour_shell_interrupt(struct tour_shell *shell)
{
	buf_put_text(&shell->output, "^C");
	(void)fd_write_all(shell->fd, "\003", 1);
}

/* Does the process belong to the session, and is it alive?  Field 3 of
 * /proc/PID/stat is the state, field 6 the session (proc(5)); field 2 is a name
 * in brackets, which may contain anything. */
static bool is_member(const char *pid, pid_t session)
{
	auto_free char *path = str_format("/proc/%s/stat", pid);
	auto_free char *text = NULL;
	const char *rest;
	char state;
	int number;

	if (fd_read_file(path, STAT_MAX, &text) < 0)
		return false;
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest, ") %c %*d %*d %d", &state, &number) != 2)
		return false;
	return number == session && state != 'Z';
}

/* Sends the signal to all members but the shell; counts them. */
static size_t signal_members(pid_t session, int signo)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;

	if (!folder)
		return 0;
	while ((entry = readdir(folder))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (!isdigit((unsigned char)entry->d_name[0]) || pid == session ||
		    !is_member(entry->d_name, session))
			continue;
		n++;
		if (signo)
			(void)kill(pid, signo);
	}
	(void)closedir(folder);
	return n;
}

/* Waits without task/, whose waits are over once a signal ends the program. */
static bool members_end(pid_t session)
{
	const struct timespec pause = { .tv_nsec = END_POLL_NS };

	for (int i = 0; i < END_POLLS; i++) {
		if (signal_members(session, 0) == 0)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

void tour_shell_close(struct tour_shell *shell)
{
	if (shell->pid > 0) {
		(void)signal_members(shell->pid, SIGTERM);
		(void)signal_members(shell->pid, SIGCONT);
		if (!members_end(shell->pid))
			(void)signal_members(shell->pid, SIGKILL);
		(void)kill(shell->pid, SIGKILL);
		(void)waitpid(shell->pid, NULL, 0);
		(void)members_end(shell->pid);
		child_reap();
		child_forget(shell->pid);
	}
	if (shell->fd >= 0)
		(void)close(shell->fd);
	buf_done(&shell->output);
	*shell = (struct tour_shell){ .fd = -1 };
}
