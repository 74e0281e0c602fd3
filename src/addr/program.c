/* SPDX-License-Identifier: MIT */
/*
 * Programs as endpoints: EXEC, SYSTEM, SHELL.
 *
 * The child gets its end of the channel (channel.h) as its fdin and fdout.  Between
 * fork and exec it applies the options that are about the child or the process,
 * in the order given.  Whether exec worked comes back through a close-on-exec
 * pipe, so a missing program is an error of the opening, not a silent end.
 */

#include "addr/channel.h"
#include "addr/families.h"
#include "addr/file.h"
#include "addr/identity.h"
#include "base/log.h"
#include "base/str.h"
#include "opt/action.h"
#include "task/child.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FD_OUT_OF_THE_WAY = 16 };

/* What is to be run, and with which descriptors. */
struct program {
	char **argv;
	const char *file;	/* looked up in PATH */
	char *name;		/* argv[0], when it is not argv's own */
	struct channel channel;
};

static void program_done(struct program *p)
{
	channel_done(&p->channel);
	free(p->name);
	spec_words_free(p->argv);
}

#define auto_program __attribute__((__cleanup__(program_done))) struct program

static int fd_in(const struct opening *o)
{
	return o->address->settings.fdin >= 0 ? o->address->settings.fdin : STDIN_FILENO;
}

static int fd_out(const struct opening *o)
{
	return o->address->settings.fdout >= 0 ? o->address->settings.fdout : STDOUT_FILENO;
}

static int check_directions(struct opening *o)
{
	const struct settings *settings = &o->address->settings;

	if (settings->fdin >= 0 && !(o->wanted & DIR_WRITE))
		return err_set(o->err, -EINVAL, "%s: option fdin is useless in read-only mode",
			       o->address->keyword);
	if (settings->fdout >= 0 && !(o->wanted & DIR_READ))
		return err_set(o->err, -EINVAL, "%s: option fdout is useless in write-only mode",
			       o->address->keyword);
	return 0;
}

/* Puts the channel where the program expects it.  First everything goes above
 * the numbers that are wanted, so that no dup2 overwrites what is still needed. */
static int place_descriptors(const struct opening *o, int from_in, int from_out)
{
	const struct settings *settings = &o->address->settings;
	int lowest = MAX(FD_OUT_OF_THE_WAY, MAX(fd_in(o), fd_out(o)) + 1);
	int in = from_in < 0 ? -1 : fcntl(from_in, F_DUPFD_CLOEXEC, lowest);
	int out = from_out < 0 ? -1 : fcntl(from_out, F_DUPFD_CLOEXEC, lowest);

	if ((in >= 0 && dup2(in, fd_in(o)) < 0) || (out >= 0 && dup2(out, fd_out(o)) < 0) ||
	    (out >= 0 && settings->stderr_too && dup2(out, STDERR_FILENO) < 0))
		return -errno;
	return 0;
}

/* Becomes the program; returns only on failure. */
static int become(struct opening *o, const struct program *p)
{
	const struct settings *settings = &o->address->settings;
	auto_free char **variables = NULL;
	int r;

	r = opt_apply_scope(&o->address->options, &o->used, SCOPE_PROCESS, o->err);
	if (r == 0 && settings->later_user)
		r = identity_become(settings->later_user, o->err);
	if (r == 0)
		r = opt_apply_scope(&o->address->options, &o->used, SCOPE_CHILD, o->err);
	if (r == 0 && p->channel.kind == CHANNEL_PTY)
		r = opening_apply_only(o, PHASE_LATE2, GROUP_TERMIOS,
				       o->wanted & DIR_WRITE ? fd_in(o) : fd_out(o), NULL);
	if (r < 0)
		return r;
	if (settings->path)
		(void)setenv("PATH", settings->path, 1);
	if (settings->shell)
		(void)setenv("SHELL", settings->shell, 1);
	signals_reset();
	if (signals_ending())
		_exit(128 + signals_ending()); /* came before the program could take it */
	variables = env_merge(o->env, o->context->env_prefix);
	(void)execvpe(p->file, p->argv, variables);
	return err_set(o->err, -errno, "execvp(\"%s\", \"%s\"): %s", p->file, p->argv[0],
		       err_reason(-errno));
}

/* In the child.  A failure goes back through the pipe, as a struct err. */
static _Noreturn void run_child(struct opening *o, const struct program *p, int report)
{
	int lowest = MAX(FD_OUT_OF_THE_WAY, MAX(fd_in(o), fd_out(o)) + 1);
	int r;

	report = fcntl(report, F_DUPFD_CLOEXEC, lowest + 4);
	r = place_descriptors(o, o->wanted & DIR_WRITE ? p->channel.child_in : -1,
			      o->wanted & DIR_READ ? p->channel.child_out : -1);
	if (r < 0)
		err_set(o->err, r, "dup2(): %s", err_reason(r));
	else
		r = become(o, p);
	if (write(report, o->err, sizeof(*o->err)) < 0)
		_exit(126);
	_exit(127);
}

/* Waits until the child became the program; 0, or why it did not. */
static int await_exec(struct opening *o, int report)
{
	struct err failure;
	ssize_t n;
	int r;

	r = task_wait(report, POLLIN);
	if (r < 0)
		return r;
	n = read(report, &failure, sizeof(failure));
	if (n != (ssize_t)sizeof(failure))
		return 0;
	*o->err = failure;
	return failure.code;
}

static void forward_signals(const struct opening *o, pid_t pid)
{
	const struct settings *settings = &o->address->settings;
	const struct {
		bool wanted;
		int signo;
	} list[] = {
		{ settings->forward_hup, SIGHUP },
		{ settings->forward_int, SIGINT },
		{ settings->forward_quit, SIGQUIT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i].wanted && signals_forward(list[i].signo, pid) < 0)
			log_warn("signal %d is passed on to %d programs already", list[i].signo,
				 SIGNAL_CHILDREN_MAX);
}

/* Forks and executes; *ret is the child once it runs the program. */
static int start(struct opening *o, const struct program *p, pid_t *ret)
{
	auto_close int report_read = -1;
	auto_close int report_write = -1;
	int fds[2], r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(o->err, -errno, "pipe(): %s", err_reason(-errno));
	report_read = fds[0];
	report_write = fds[1];
	log_notice("forking off child, using %s for %s", channel_word(&p->channel),
		   file_direction_words(o->wanted));
	pid = child_fork(CHILD_STARTING);
	if (pid < 0)
		return err_set(o->err, pid, "fork(): %s", err_reason(pid));
	if (pid == 0)
		run_child(o, p, report_write);

	log_notice("forked off child process %d", (int)pid);
	(void)close(take_fd(&report_write));
	opt_use_scope(&o->address->options, &o->used, SCOPE_PROCESS);
	opt_use_scope(&o->address->options, &o->used, SCOPE_CHILD);
	if (p->channel.kind == CHANNEL_PTY)
		(void)opening_take(o, "tiocsctty"); /* the child's too */
	r = await_exec(o, report_read);
	if (r < 0) {
		(void)kill(pid, SIGTERM);
		child_forget(pid);
		return r;
	}
	log_notice("execvp'ing \"%s\"", p->file);
	child_started(pid);
	forward_signals(o, pid);
	*ret = pid;
	return 0;
}

static struct stream *program_stream(const struct opening *o, struct program *p, pid_t pid)
{
	struct stream *s = channel_stream(o, &p->channel);

	s->program = pid;
	s->program_owner = getpid();
	s->wait_program = o->wanted == DIR_WRITE && p->channel.kind != CHANNEL_PTY;
	return s;
}

/* Are its bytes others than those of its descriptors? */
static bool converts(const struct stream *s)
{
	return s->below || (s->reading && s->reading->below) || (s->writing && s->writing->below);
}

/* nofork: the program takes over the first address's descriptors.  EXEC replaces
 * this process; a shell gets a parent that waits for it. */
static int replace(struct opening *o, struct program *p, bool in_child)
{
	int status = 0, r;
	pid_t pid;

	if (!o->first)
		return err_set(o->err, -EINVAL,
			       "%s: option nofork is allowed only for the second address",
			       o->address->keyword);
	if (converts(o->first))
		return err_set(o->err, -EINVAL,
			       "%s: option nofork is not possible with a first address that "
			       "converts data",
			       o->address->keyword);
	if (stream_has_unread(o->first))
		return err_set(o->err, -EINVAL,
			       "%s: option nofork: the first address's packet was read already",
			       o->address->keyword);
	log_notice("execvp'ing \"%s\"", p->file);
	stream_hand_over(o->first);
	if (!in_child) {
		r = place_descriptors(o, o->first->rfd, o->first->wfd);
		return r < 0 ? err_set(o->err, r, "dup2(): %s", err_reason(r)) : become(o, p);
	}
	p->channel.child_in = o->first->rfd;
	p->channel.child_out = o->first->wfd;
	r = start(o, p, &pid);
	p->channel.child_in = p->channel.child_out = -1;
	if (r == 0)
		r = child_wait(pid);
	if (r < 0)
		return r;
	(void)child_ended(pid, &status);
	o->replaced = true;
	o->replaced_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 0;
}

static int open_program(struct opening *o, struct program *p, bool is_shell, struct stream **ret)
{
	const struct settings *settings = &o->address->settings;
	pid_t pid;
	int r;

	if (settings->nofork)
		return replace(o, p, is_shell);
	r = check_directions(o);
	if (r == 0)
		r = channel_open(o, &p->channel);
	if (r == 0)
		r = start(o, p, &pid);
	if (r < 0)
		return r;
	*ret = program_stream(o, p, pid);
	return 0;
}

/* argv[0] is the name without its folder, with a "-" for a login shell. */
static void name_program(const struct opening *o, struct program *p)
{
	const char *slash = strrchr(p->file, '/');

	free(p->argv[0]);
	p->argv[0] = str_format("%s%s", o->address->settings.login ? "-" : "",
				slash ? slash + 1 : p->file);
}

static const struct program nothing = { .channel = CHANNEL_NONE };

static int open_exec(struct opening *o, struct stream **ret)
{
	auto_program p = nothing;
	int r;

	r = spec_split_command(o->address->params[0], &p.argv, o->err);
	if (r < 0)
		return r;
	if (!p.argv[0])
		return err_set(o->err, -EINVAL, "%s: command is missing", o->address->keyword);
	p.name = str_copy(p.argv[0]);
	p.file = p.name;
	name_program(o, &p);
	return open_program(o, &p, false, ret);
}

static void set_shell_argv(const struct opening *o, struct program *p, const char *shell,
			   const char *command)
{
	p->name = str_copy(shell);
	p->file = p->name;
	p->argv = mem_new(4, sizeof(char *));
	p->argv[0] = str_copy(shell);
	if (command) {
		p->argv[1] = str_copy("-c");
		p->argv[2] = str_copy(command);
	}
	name_program(o, p);
}

static int open_system(struct opening *o, struct stream **ret)
{
	auto_program p = nothing;

	set_shell_argv(o, &p, "/bin/sh", o->address->params[0]);
	return open_program(o, &p, true, ret);
}

static int open_shell(struct opening *o, struct stream **ret)
{
	const char *shell = o->address->settings.shell;
	auto_program p = nothing;

	if (!shell)
		shell = getenv("SHELL");
	if (!shell || !strchr(shell, '/'))
		return err_set(o->err, -EINVAL,
			       "%s: no shell: set SHELL or option shell to a path with \"/\"",
			       o->address->keyword);
	set_shell_argv(o, &p, shell, o->address->n_params ? o->address->params[0] : NULL);
	return open_program(o, &p, true, ret);
}

#define PROGRAM_GROUPS                                                                             \
	(GROUP_FD | GROUP_FIFO | GROUP_SOCKET | GROUP_EXEC | GROUP_FORK | GROUP_TERMIOS |          \
	 GROUP_PTY | GROUP_PARENT | GROUP_UNIX)
#define CHANNEL .args = { .family = AF_UNIX, .type = SOCK_STREAM }

static const struct addr_type rows[] = {
	{ "EXEC", ":<command-line>", "run a program without a shell", PROGRAM_GROUPS, DIR_BOTH, 1,
	  1, open_exec, CHANNEL },
	{ "SYSTEM", ":<shell-command>", "run a command with /bin/sh", PROGRAM_GROUPS, DIR_BOTH, 1,
	  1, open_system, CHANNEL },
	{ "SHELL", "[:<shell-command>]", "run a command with the user's shell, or that shell",
	  PROGRAM_GROUPS | GROUP_SHELL, DIR_BOTH, 0, 1, open_shell, CHANNEL },
};

const struct addr_table program_addresses = { rows, ARRAY_SIZE(rows) };

static int set_process_group(const struct option *option, const struct opt_target *target, int fd,
			     struct err *err)
{
	/* Without a value: a new group, as promised in classic's manual. */
	pid_t group = option->value.given ? (pid_t)option->value.number[0] : 0;

	(void)target;
	(void)fd;
	(void)err;
	if (setpgid(0, group) < 0)
		log_warn("setpgid(0, %d): %s", (int)group, err_reason(-errno));
	return 0;
}

static const struct opt_type options[] = {
	STORED("dash login", "begin the program's name with \"-\": a login shell", GROUP_EXEC,
	      PHASE_PREEXEC, bool, bool, login),
	STORED("path", "look the program up in this PATH", GROUP_EXEC, PHASE_PREEXEC, string, text,
	      path),
	STORED("shell", "use this shell", GROUP_SHELL, PHASE_PREEXEC, string, text, shell),
	STORED("fdin", "descriptor on which the program reads", GROUP_FORK, PHASE_PASTBIGEN, ushort,
	      int, fdin),
	STORED("fdout", "descriptor to which the program writes", GROUP_FORK, PHASE_PASTBIGEN,
	      ushort, int, fdout),
	STORED("pipes", "use two pipes instead of a socket", GROUP_FORK, PHASE_BIGEN, bool, bool,
	      pipes),
	STORED("stderr", "let the program's standard error go where its output goes", GROUP_FORK,
	      PHASE_PASTFORK, bool, bool, stderr_too),
	STORED("nofork", "let the program take over the first address itself", GROUP_FORK,
	      PHASE_BIGEN, bool, bool, nofork),
	{ "setpgid pgid", "put the program into this process group, 0: a new one", GROUP_FORK,
	  PHASE_LATE, SCOPE_CHILD, &value_int, set_process_group },
	STORED("sighup", "pass SIGHUP on to the program", GROUP_PARENT, PHASE_LATE, const, bool,
	      forward_hup),
	STORED("sigint", "pass SIGINT on to the program", GROUP_PARENT, PHASE_LATE, const, bool,
	      forward_int),
	STORED("sigquit", "pass SIGQUIT on to the program", GROUP_PARENT, PHASE_LATE, const, bool,
	      forward_quit),
};

const struct opt_table program_options = { options, ARRAY_SIZE(options) };
