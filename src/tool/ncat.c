/* SPDX-License-Identifier: MIT */
/*
 * The ncat dialect.
 *
 *	ncat_options.c, ncat_rules.c	the command line
 *	ncat_client.c			connecting
 *	ncat_server.c, ncat_door.c	listening, and who may come in
 *	ncat_hub.c			many clients at once: -k, --broker, --chat
 *	ncat_command.c, ncat_http.c	what a client may get: a program, a proxy
 *
 * What is common to all dialects is told in nc.c.
 */

#include "tool/ncat.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "tool/nc_chat.h"
#include "tool/nc_dialect.h"
#include "tool/nc_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { DUMP_MODE = 0664 };

/* Words. */

static printf_like(2, 0) void say(const char *end, const char *format, va_list arguments)
{
	fputs("Ncat: ", stderr);
	vfprintf(stderr, format, arguments);
	fputs(end, stderr);
}

void ncat_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("\n", format, arguments);
	va_end(arguments);
}

int ncat_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(".\n", format, arguments);
	va_end(arguments);
	return NCAT_NETWORK;
}

int ncat_quit(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(" QUITTING.\n", format, arguments);
	va_end(arguments);
	return NCAT_OTHER;
}

const char *ncat_host(const struct net_address *a, char *out, size_t size)
{
	if (a->any.sa_family == AF_UNIX || a->any.sa_family == AF_VSOCK)
		return net_address_host(a, out, size);
	return nc_report_numeric(a, out, size);
}

const char *ncat_address(const struct net_address *a, char *out, size_t size)
{
	char host[NCAT_ADDRESS_TEXT];

	(void)ncat_host(a, host, sizeof(host));
	if (a->any.sa_family == AF_UNIX)
		(void)snprintf(out, size, "%s", host);
	else
		(void)snprintf(out, size, "%s:%ld", host, net_address_port(a));
	return out;
}

/* Copies of the data. */

static int open_dump(const char *path, bool append, int *ret)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC);

	*ret = path ? open(path, flags, DUMP_MODE) : -1;
	return path && *ret < 0 ? -errno : 0;
}

static int open_dumps(struct ncat *n)
{
	int r = open_dump(n->o->dump, n->o->append, &n->dump);

	return r < 0 ? r : open_dump(n->o->hex_dump, n->o->append, &n->hex_dump);
}

static void dump(const char *path, int *fd, const void *data, size_t len)
{
	int r = *fd < 0 ? 0 : fd_write_all(*fd, data, len);

	if (r == 0)
		return;
	ncat_say("%s: %s", path, err_reason(r));
	(void)close(take_fd(fd));
}

void ncat_passed(void *context, enum nc_way way, const void *data, size_t len)
{
	struct ncat *n = context;

	*(way == NC_SENT ? &n->sent : &n->received) += len;
	dump(n->o->dump, &n->dump, data, len);
	if (n->hex_dump >= 0) {
		auto_buf rows = { 0 };

		nc_hex_put(&rows, data, len);
		dump(n->o->hex_dump, &n->hex_dump, rows.data, rows.len);
	}
}

void ncat_say_counts(const struct ncat *n)
{
	double seconds = (double)(clock_now() - n->began) / CLOCK_US_PER_S;

	if (n->o->verbose)
		ncat_say("%llu bytes sent, %llu bytes received in %.2f seconds.",
			 (unsigned long long)n->sent, (unsigned long long)n->received, seconds);
}

/* Standard input and output. */

static void session_passed(const struct nc_session *session, enum nc_way way, const void *data,
			   size_t len)
{
	ncat_passed(session->context, way, data, len);
}

/* A peer that has half-closed may still want what comes from a file or a pipe; somebody at
 * a terminal wants the prompt back (as in nmap's since 7.96). */
struct nc_session ncat_session(struct ncat *n, struct stream *net, int *trouble)
{
	const struct ncat_options *o = n->o;

	return (struct nc_session){
		.net = net,
		.place = &o->place,
		.listening = o->listen,
		.ends_with_peer = !o->send_only && isatty(STDIN_FILENO),
		.datagrams = o->place.datagram,
		.shut_at_eof = !o->no_shutdown && !o->recv_only,
		.no_input = o->recv_only,
		.no_output = o->send_only,
		.crlf = o->crlf,
		.empty_is_data = true,
		.telnet = o->telnet,
		.timeout_us = o->idle ? o->idle : -1,
		.quit_us = o->send_only || (o->place.datagram && !o->listen) ? 0 : -1,
		.delay_us = o->delay,
		.ours = &o->ours,
		.ret_trouble = trouble,
		.passed = o->verbose || o->dump || o->hex_dump ? session_passed : NULL,
		.context = n,
	};
}

int ncat_idle_expired(const struct ncat_options *o)
{
	long long ms = o->idle / CLOCK_US_PER_MS;

	return o->listen ? ncat_quit("Idle timeout expired (%lld ms).", ms)
			 : ncat_fail("Idle timeout expired (%lld ms)", ms);
}

int ncat_carry(struct ncat *n, struct stream *net)
{
	int trouble = 0;
	struct nc_session session = ncat_session(n, net, &trouble);
	struct err err = { 0 };
	int r = nc_relay(&session, &err);

	if (r == -ECANCELED)
		return r;
	if (r >= 0 && n->tls && nc_tls_refused(n->tls, net, &err) < 0)
		return ncat_fail("%s", err.text);
	if (r == NC_RELAY_SILENT)
		return ncat_idle_expired(n->o);
	if (r < 0)
		return ncat_fail("%s", err.text);
	if (trouble)
		return ncat_fail("%s", err_reason(trouble));
	if (!n->o->listen)
		ncat_say_counts(n);
	return 0;
}

/* The beginning. */

static int play(struct ncat *n)
{
	const struct ncat_options *o = n->o;
	struct err err = { 0 };
	int r;

	r = open_dumps(n);
	if (r < 0) {
		fprintf(stderr, "open: %s\n", err_reason(r));
		return NCAT_OTHER;
	}
	if (o->ours.tls.wanted) {
		r = nc_tls_new(&o->ours.tls, o->listen, o->place.datagram, o->place.host, &n->tls,
			       &err);
		if (r < 0)
			return ncat_quit("%s.", err.text);
	}
	if (o->verbose)
		fputs("Ncat: Version 7.93 ( sockbox " SOCKBOX_VERSION " )\n", stderr);
	return o->listen ? ncat_server(n) : ncat_client(n);
}

static int run(const struct ncat_options *o)
{
	struct ncat n = { .o = o, .dump = -1, .hex_dump = -1, .began = clock_now() };
	struct err err = { 0 };
	int r;

	nc_open_signals();
	r = play(&n);
	nc_tls_free(&n.tls);
	nc_hosts_done(&n.allow);
	nc_hosts_done(&n.deny);
	if (n.dump >= 0)
		(void)close(n.dump);
	if (n.hex_dump >= 0)
		(void)close(n.hex_dump);
	return nc_end("Ncat", r, &err);
}

static int ncat_main(int argc, char **argv)
{
	auto_ncat_options o = { .place = { .family = AF_UNSPEC } };
	struct err err = { 0 };

	switch (ncat_options_parse(argc, argv, &o, &err)) {
	case NCAT_RUN:
		return run(&o);
	case NCAT_HELP:
		ncat_options_help(stdout);
		return 0;
	case NCAT_VERSION:
		fputs("Ncat: Version 7.93 ( sockbox " SOCKBOX_VERSION " )\n", stderr);
		return 0;
	case NCAT_USAGE:
		if (err.code)
			ncat_say("%s", err.text);
		return ncat_quit("ncat --help lists the options.");
	default:
		ncat_say("%s", err.text);
		return NCAT_OTHER;
	}
}

const struct nc_dialect nc_ncat = {
	.names = "ncat",
	.help = "the one of nmap",
	.main = ncat_main,
};
