/* SPDX-License-Identifier: MIT */
/* Descriptors that are open already: STDIO, STDIN, STDOUT, STDERR, FD. */

#include "addr/families.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a descriptor that we did not make is: it decides how its end is told. */
static struct stream *adopt(int rfd, int wfd)
{
	struct stream *s = stream_new(rfd, wfd, END_KEEP);

	if (rfd >= 0)
		saved_terminal_take(&s->terminals, rfd);
	if (wfd >= 0 && wfd != rfd)
		saved_terminal_take(&s->terminals, wfd);
	s->shut = wfd >= 0 && fd_type(wfd) == S_IFSOCK && rfd == wfd ? SHUT_DOWN : SHUT_NONE;
	return s;
}

static int apply_options(struct opening *o, struct stream *s)
{
	static const enum opt_phase phases[] = { PHASE_PASTSOCKET, PHASE_FD, PHASE_CONNECTED };

	for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
		int r = opening_apply_both(o, phases[i], s->rfd, s->wfd);

		if (r < 0)
			return r;
	}
	return 0;
}

static int open_stdio(struct opening *o, struct stream **ret)
{
	auto_stream s = NULL;
	int r;

	if (o->wanted == DIR_BOTH)
		log_notice("reading from and writing to stdio");
	else if (o->wanted == DIR_READ)
		log_notice("using stdin for reading");
	else
		log_notice("using stdout for writing");
	s = adopt(o->wanted & DIR_READ ? STDIN_FILENO : -1,
		  o->wanted & DIR_WRITE ? STDOUT_FILENO : -1);
	r = apply_options(o, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

static int open_number(struct opening *o, int fd, struct stream **ret)
{
	auto_stream s = NULL;
	int r;

	s = adopt(o->wanted & DIR_READ ? fd : -1, o->wanted & DIR_WRITE ? fd : -1);
	r = apply_options(o, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

static int open_standard(struct opening *o, struct stream **ret)
{
	static const char *const words[] = { "stdin for reading", "stdout for writing",
					     "stderr for writing" };
	int fd = o->address->type->args.fd;

	log_notice("using %s", words[fd]);
	return open_number(o, fd, ret);
}

static int open_fd(struct opening *o, struct stream **ret)
{
	long long fd;

	if (num_parse_c(o->address->params[0], 0, INT_MAX, &fd) < 0)
		return err_set(o->err, -EINVAL, "%s: \"%s\" is not a descriptor number",
			       o->address->keyword, o->address->params[0]);
	if (fd > STDERR_FILENO && fd_set_cloexec((int)fd, true) < 0)
		return err_set(o->err, -EBADF, "%s:%lld: %s", o->address->keyword, fd,
			       err_reason(-EBADF));
	log_notice("using file descriptor %lld for %s", fd,
		   o->wanted == DIR_BOTH   ? "reading and writing"
		   : o->wanted == DIR_READ ? "reading"
					   : "writing");
	return open_number(o, (int)fd, ret);
}

#define GROUPS_OF_ANY_FD                                                                           \
	(GROUP_FD | GROUP_FIFO | GROUP_CHR | GROUP_BLK | GROUP_REG | GROUP_SOCKET |                \
	 GROUP_TERMIOS | GROUP_UNIX | GROUP_IP4 | GROUP_IP6 | GROUP_UDP | GROUP_TCP | GROUP_SCTP | \
	 GROUP_DCCP | GROUP_UDPLITE)

static const struct addr_type rows[] = {
	{ "STDIO -", "", "use standard input and standard output", GROUPS_OF_ANY_FD, DIR_BOTH, 0, 0,
	  open_stdio },
	{ "STDIN", "", "read standard input", GROUPS_OF_ANY_FD, DIR_READ, 0, 0, open_standard,
	  .args = { .fd = STDIN_FILENO } },
	{ "STDOUT", "", "write to standard output", GROUPS_OF_ANY_FD, DIR_WRITE, 0, 0,
	  open_standard, .args = { .fd = STDOUT_FILENO } },
	{ "STDERR", "", "write to standard error", GROUPS_OF_ANY_FD, DIR_WRITE, 0, 0, open_standard,
	  .args = { .fd = STDERR_FILENO } },
	{ "FD", ":<fdnum>", "use an open file descriptor that was inherited", GROUPS_OF_ANY_FD,
	  DIR_BOTH, 1, 1, open_fd },
};

const struct addr_table stdio_addresses = { rows, ARRAY_SIZE(rows) };
