/* SPDX-License-Identifier: MIT */
/* OpenBSD's dialect, as Debian ships it: from the command line to a role. */

#include "base/clock.h"
#include "tool/nc_account.h"
#include "tool/nc_dialect.h"
#include "tool/nc_listen.h"
#include "tool/nc_report.h"
#include "tool/nc_role.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static int64_t microseconds(long long seconds)
{
	return seconds < 0 ? -1 : seconds * CLOCK_US_PER_S;
}

/* -q.  With 0 a stream client of Debian's only tells the end, as with -N, and scripts count on
 * the answer that still comes. */
static int64_t quit_after(const struct nc_options *o)
{
	bool waits_for_answer = o->quit == 0 && !o->listen && !o->place.datagram;

	return waits_for_answer ? -1 : microseconds(o->quit);
}

static bool wants_account(const struct nc_ours *ours)
{
	return ours->progress || ours->json || ours->max_rate;
}

struct nc_session nc_session_of(const struct nc_options *o)
{
	return (struct nc_session){
		.place = &o->place,
		.listening = o->listen,
		.datagrams = o->place.datagram,
		.shut_at_eof = o->shut_at_eof,
		.no_input = o->no_stdin,
		.crlf = o->crlf,
		.by_line = o->crlf,
		.telnet = o->telnet,
		.interval_us = microseconds(o->interval),
		.timeout_us = microseconds(o->place.limit),
		.quit_us = quit_after(o),
		.receive_limit = o->receive_limit,
		.ours = wants_account(&o->ours) ? &o->ours : NULL,
	};
}

struct nc_server nc_server_of(const struct nc_options *o, int fd)
{
	return (struct nc_server){
		.place = &o->place, .fd = fd, .keep = o->keep, .session = nc_session_of(o)
	};
}

static int listen_and_serve(const struct nc_options *o, struct err *err)
{
	auto_close int fd = -1;
	struct nc_server server;
	int r;

	r = nc_listen_open(&o->place, o->listen_port, &fd, err);
	if (r < 0)
		return r;
	server = nc_server_of(o, fd);
	return nc_serve(&server, err);
}

/* -S: the key is no word of the command line, where others could read it. */
static int ask_key(struct nc_options *o, struct err *err)
{
	ssize_t n;

	if (!o->signs)
		return 0;
	n = nc_password("TCP MD5SIG password: ", o->md5_key);
	if (n == -ECANCELED)
		return -ECANCELED;
	if (n < 0)
		return err_set(err, (int)n, "Unable to read TCP MD5SIG password");
	o->place.tuning.md5_key = o->md5_key;
	return 0;
}

/* With -v and --json. */
static void failed_twice(const struct nc_place *place, const struct net_address *to, int reason)
{
	nc_report_for(1)->failed(place, to, reason);
	nc_account_failed(place, to, reason);
}

/* --json: who is told of what is told as an object. */
static void prepare_json(struct nc_options *o)
{
	if (o->place.observer)
		o->observer = *o->place.observer;
	if (o->scan)
		o->observer.scanned = nc_account_scanned;
	else
		o->observer.failed = o->verbose ? failed_twice : nc_account_failed;
	o->place.observer = &o->observer;
}

/* What long options need before anybody is met. */
static int prepare_ours(struct nc_options *o, struct err *err)
{
	o->place.dual_stack = o->ours.dual_stack;
	if (o->ours.json)
		prepare_json(o);
	if (!o->ours.tls.wanted)
		return 0;
	return nc_tls_new(&o->ours.tls, o->listen, o->place.datagram, o->host, &o->place.tls, err);
}

static int run(const struct nc_options *o, struct err *err)
{
	if (o->place.family == AF_UNIX)
		return o->listen ? nc_unix_listen(o, err) : nc_unix_client(o, err);
	return o->listen ? listen_and_serve(o, err) : nc_client(o, err);
}

static int show_usage(const char *program, const struct err *err)
{
	if (err->code)
		fprintf(stderr, "%s: %s\n", program, err->text);
	nc_options_usage(stderr);
	return NC_FAILED;
}

static int openbsd_main(int argc, char **argv)
{
	auto_nc_options o = { .place = { .family = AF_UNSPEC } };
	struct err err = { 0 };
	int r;

	r = nc_options_parse(argc, argv, &o, &err);
	if (r == NC_USAGE)
		return show_usage(o.place.program, &err);
	if (r == NC_HELP) {
		nc_options_help(stderr);
		return 0;
	}
	if (r == NC_VERSION) {
		printf("nc of sockbox " SOCKBOX_VERSION ", as OpenBSD netcat (Debian patchlevel "
		       "1.219-1)\n");
		return 0;
	}
	if (r == NC_RUN) {
		o.place.observer = nc_report_for(o.verbose);
		nc_open_signals();
		r = ask_key(&o, &err);
		if (r == 0)
			r = prepare_ours(&o, &err);
		if (r == 0)
			r = run(&o, &err);
		nc_tls_free(&o.place.tls);
	}
	return nc_end(o.place.program, r, &err);
}

const struct nc_dialect nc_openbsd = {
	.names = "nc nc.openbsd netcat openbsd debian",
	.help = "OpenBSD's netcat as Debian ships it",
	.main = openbsd_main,
};
