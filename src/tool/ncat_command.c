/* SPDX-License-Identifier: MIT */
/* Programs of ncat; see ncat_command.h.  The program has a socket pair as its standard
 * input and output, so TLS, dumps and -C work, and what it learns about the peer are
 * variables. */

#include "tool/ncat_command.h"

#include "addr/env.h"
#include "base/str.h"
#include "spec/spec.h"
#include "task/child.h"
#include "task/loop.h"
#include "task/signals.h"
#include "task/task.h"
#include "tool/nc_chat.h"
#include "tool/nc_meter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

static int words_of(const struct ncat_options *o, char ***ret, struct err *err)
{
	if (o->exec) {
		if (nc_command_split(o->exec, ret) < 0)
			return err_set(err, -EINVAL, "there is no program in \"%s\"", o->exec);
		return 0;
	}
	*ret = mem_new(4, sizeof(**ret));
	(*ret)[0] = str_copy("/bin/sh");
	(*ret)[1] = str_copy("-c");
	(*ret)[2] = str_copy(o->shell);
	return 0;
}

static void put_address(struct env *env, const struct net_address *a, const char *host_name,
			const char *port_name)
{
	bool is_ip = a->any.sa_family == AF_INET || a->any.sa_family == AF_INET6;
	char host[NCAT_ADDRESS_TEXT], port[16] = "";

	if (is_ip)
		(void)snprintf(port, sizeof(port), "%ld", net_address_port(a));
	env_set(env, "NCAT_", host_name, is_ip ? ncat_host(a, host, sizeof(host)) : "localhost");
	env_set(env, "NCAT_", port_name, port);
}

static void describe_peer(const struct ncat *n, int fd, struct env *env)
{
	struct net_address peer = { .len = 0 }, local = { .len = 0 };

	(void)net_address_peer(fd, &peer);
	(void)net_address_local(fd, &local);
	put_address(env, &peer, "REMOTE_ADDR", "REMOTE_PORT");
	put_address(env, &local, "LOCAL_ADDR", "LOCAL_PORT");
	env_set(env, "NCAT_", "PROTO", n->o->place.datagram ? "UDP" : "TCP");
}

static _Noreturn void become(char **words, const struct env *env, int fd)
{
	auto_free char **variables = env_merge(env, "NCAT_");
	int error;

	if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(NOT_EXECUTABLE);
	signals_reset();
	(void)execvpe(words[0], words, variables);
	error = errno;
	fprintf(stderr, "Ncat: %s: %s.\n", words[0], err_reason(-error));
	_exit(error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

/* Starts the program; *ret is our end of it. */
static int start_program(const struct ncat *n, int peer, struct stream **ret, struct err *err)
{
	char **words = NULL;
	struct env env = { 0 };
	int fds[2], r = words_of(n->o, &words, err);
	pid_t pid;

	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		r = err_set(err, -errno, "socketpair(): %s", err_reason(-errno));
		spec_words_free(words);
		return r;
	}
	describe_peer(n, peer, &env);
	pid = child_fork(CHILD_PROGRAM);
	if (pid == 0)
		become(words, &env, fds[1]);
	spec_words_free(words);
	env_done(&env);
	(void)close(fds[1]);
	if (pid < 0) {
		(void)close(fds[0]);
		return err_set(err, pid, "fork(): %s", err_reason(pid));
	}
	*ret = nc_stream(fds[0]);
	(*ret)->program = pid;
	(*ret)->program_owner = getpid();
	return 0;
}

int ncat_command_start(struct ncat *n, struct stream **net, const struct nc_couple_plan *plan,
		       struct err *err)
{
	auto_stream program = NULL;
	auto_stream client = take_ptr(*net);
	int r = start_program(n, client->rfd, &program, err);

	if (r < 0)
		return r;
	client = nc_meter_new(client, ncat_passed, n);
	r = nc_couple_start(&client, &program, plan);
	return r < 0 ? err_set(err, r, "%s", err_reason(r)) : 0;
}

static void on_ended(void *owner)
{
	*(bool *)owner = true;
}

static int run_to_end(struct ncat *n, struct stream **net, struct stock *stock)
{
	bool over = false;
	const struct nc_couple_plan plan = {
		.stock = stock,
		.idle_us = n->o->idle,
		.crlf = n->o->crlf,
		.ended = on_ended,
		.owner = &over,
	};
	struct err err = { 0 };
	int r = ncat_command_start(n, net, &plan, &err);

	if (r < 0)
		return ncat_quit("%s.", err.text);
	while (r >= 0 && !over)
		r = task_turn();
	return MIN(r, 0);
}

int ncat_command_run(struct ncat *n, struct stream **net)
{
	struct stock stock;
	int r = loop_open();

	if (r < 0)
		return ncat_quit("epoll: %s.", err_reason(r));
	nc_couple_stock(&stock);
	r = run_to_end(n, net, &stock);
	stock_done(&stock);
	loop_close();
	return r;
}
