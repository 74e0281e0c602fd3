/* SPDX-License-Identifier: MIT */
/*
 * The traditional dialect: Hobbit's netcat 1.10, as Debian's netcat-traditional has it.
 *
 *	trad_options.c, trad_ports.c	the command line
 *	trad_client.c, trad_server.c	the roles
 *
 * What is common to all dialects is told in nc.c.
 */

#include "tool/trad.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "net/resolve.h"
#include "task/signals.h"
#include "tool/nc_chat.h"
#include "tool/nc_dialect.h"
#include "tool/nc_report.h"
#include "tool/nc_secure.h"
#include "tool/nc_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { DUMP_MODE = 0664 };

static const char unknown[] = "(UNKNOWN)";

/* Names. */

void trad_name(const struct trad *t, const struct net_address *a, char *name, size_t size)
{
	char found[NI_MAXHOST], ip[NET_ADDRESS_TEXT];

	(void)snprintf(name, size, "%s", unknown);
	if (t->place.numeric || !t->o->verbose)
		return;
	if (net_reverse(a, found, sizeof(found)) == 0)
		(void)str_escape(found, strlen(found), name, size);
	else
		fprintf(stderr, "%s: inverse host lookup failed: Unknown host\n",
			nc_report_numeric(a, ip, sizeof(ip)));
}

int trad_look_up(const struct trad *t, const char *host, struct net_address *ret, char *name,
		 size_t size, struct err *err)
{
	struct net_query query = { .host = host, .family = AF_INET, .type = SOCK_STREAM };
	auto_addresses list = { 0 };
	int r;

	if (net_address_parse(host, AF_INET, 0, ret) == 0) {
		trad_name(t, ret, name, size);
		return 0;
	}
	if (t->place.numeric)
		return err_set(err, -EINVAL, "Can't parse %s as an IP address", host);
	r = net_resolve(&query, &list, NULL);
	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return err_set(err, r, "%s: forward host lookup failed: %s", host,
			       net_reason_is_temporary(r) ? net_reason(r) : "Unknown host");
	*ret = list.items[0];
	(void)snprintf(name, size, "%s", host);
	return 0;
}

/* Data. */

void trad_say_counts(const struct trad *t)
{
	if (t->o->verbose > 1)
		fprintf(stderr, " sent %llu, rcvd %llu\n", (unsigned long long)t->passed[NC_SENT],
			(unsigned long long)t->passed[NC_RECEIVED]);
}

static void on_passed(const struct nc_session *session, enum nc_way way, const void *data,
		      size_t len)
{
	struct trad *t = session->context;
	auto_buf rows = { 0 };
	int r;

	t->passed[way] += len;
	if (t->dump < 0)
		return;
	nc_trace_put(&rows, way == NC_SENT ? '>' : '<', &t->offset[way], data, len);
	r = fd_write_all(t->dump, rows.data, rows.len);
	if (r == 0)
		return;
	fprintf(stderr, "%s: %s: %s\n", t->place.program, t->o->dump, err_reason(r));
	(void)close(take_fd(&t->dump));
}

static int64_t microseconds(long long seconds)
{
	return seconds < 0 ? -1 : seconds * CLOCK_US_PER_S;
}

static struct nc_session session_of(struct trad *t, struct stream *net)
{
	const struct trad_options *o = t->o;
	const struct nc_ours *ours = &o->ours;

	return (struct nc_session){
		.net = net,
		.place = &t->place,
		.listening = o->listen,
		.ends_with_peer = true,
		.datagrams = t->place.datagram,
		.crlf = o->crlf,
		.by_line = o->crlf,
		.telnet = o->telnet,
		.interval_us = o->interval * CLOCK_US_PER_S,
		.timeout_us = microseconds(t->place.limit),
		.timeout_after_input = true,
		.quit_us = microseconds(o->quit),
		.ours = ours->progress || ours->json || ours->max_rate ? ours : NULL,
		.passed = o->verbose > 1 || o->dump ? on_passed : NULL,
		.context = t,
	};
}

static int carry(struct trad *t, int fd, struct err *err)
{
	auto_stream net = nc_stream(fd);
	struct nc_session session;
	int r;

	net->packets = t->place.datagram;
	r = t->place.tls ? nc_tls_in_time(&t->place, &net, err) : 0;
	if (r < 0)
		return r;
	session = session_of(t, net);
	r = nc_relay(&session, err);
	if (r == NC_RELAY_SILENT && t->o->verbose > 1)
		fputs("net timeout\n", stderr);
	if (r >= 0 && t->place.tls)
		r = nc_tls_refused(t->place.tls, net, err);
	return MIN(r, 0);
}

/* This process becomes the program; the socket is its standard input and output. */
static int become(const struct trad *t, int fd, struct err *err)
{
	const char *path = t->o->shell ? "/bin/sh" : t->o->exec;
	int r = fd_set_nonblock(fd, false); /* a program expects to wait */

	if (r < 0)
		return err_set(err, r, "fcntl: %s", err_reason(r));
	if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		return err_set(err, -errno, "dup2: %s", err_reason(-errno));
	signals_reset();
	if (t->o->shell)
		(void)execl(path, "sh", "-c", t->o->shell, (char *)NULL);
	else
		(void)execl(path, nc_program(path), (char *)NULL);
	return err_set(err, -errno, "exec %s failed : %s", path, err_reason(-errno));
}

int trad_use(struct trad *t, int fd, struct err *err)
{
	auto_close int mine = fd;

	if (t->o->exec || t->o->shell)
		return become(t, mine, err);
	return carry(t, take_fd(&mine), err);
}

/* The beginning. */

static int prepare(struct trad *t, struct err *err)
{
	const struct trad_options *o = t->o;
	struct net_address source;
	char name[NI_MAXHOST];
	int r = 0;

	if (o->dump) {
		t->dump = open(o->dump, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, DUMP_MODE);
		if (t->dump < 0)
			return err_set(err, -errno, "can't open %s : %s", o->dump,
				       err_reason(-errno));
	}
	if (t->place.source)
		r = trad_look_up(t, t->place.source, &source, name, sizeof(name), err);
	if (r == 0 && t->place.host)
		r = trad_look_up(t, t->place.host, &t->target, t->name, sizeof(t->name), err);
	if (r == 0 && o->ours.tls.wanted)
		r = nc_tls_new(&o->ours.tls, o->listen, t->place.datagram, t->place.host,
			       &t->place.tls, err);
	return r;
}

static int play(const struct trad_options *o, struct err *err)
{
	struct trad t = { .o = o, .place = o->place, .dump = -1 };
	int r;

	t.place.context = &t;
	r = prepare(&t, err);
	if (r == 0)
		r = o->listen ? trad_server(&t, err) : trad_client(&t, err);
	nc_tls_free(&t.place.tls);
	if (t.dump >= 0)
		(void)close(t.dump);
	return r;
}

/* Its sentences stand without the program's name. */
static int traditional_main(int argc, char **argv)
{
	auto_trad_options o = { .quit = -1 };
	struct err err = { 0 };
	int r = trad_options_parse(argc, argv, &o, &err);

	if (r == TRAD_HELP) {
		trad_options_help(stderr);
		return 0;
	}
	if (r == TRAD_VERSION) {
		puts("nc of sockbox " SOCKBOX_VERSION ", as netcat 1.10-47 of Debian");
		return 0;
	}
	if (r == TRAD_USAGE) {
		if (err.code)
			fprintf(stderr, "%s: %s\n", o.place.program, err.text);
		fputs("nc -h for help\n", stderr);
		return NC_FAILED;
	}
	if (r == TRAD_RUN) {
		nc_open_signals();
		r = play(&o, &err);
	}
	if (r < 0 && !signals_ending()) {
		fprintf(stderr, "%s\n", err.code ? err.text : err_reason(r));
		return NC_FAILED;
	}
	return nc_end(o.place.program, r, &err);
}

const struct nc_dialect nc_traditional = {
	.names = "nc.traditional traditional",
	.help = "Hobbit's netcat 1.10 as Debian ships it",
	.main = traditional_main,
};
