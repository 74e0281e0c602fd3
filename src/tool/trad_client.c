/* SPDX-License-Identifier: MIT */
/* The traditional netcat connects: port after port, and scans. */

#include "base/clock.h"
#include "task/task.h"
#include "tool/nc_account.h"
#include "tool/nc_dialect.h"
#include "tool/nc_report.h"
#include "tool/nc_retry.h"
#include "tool/nc_scan.h"
#include "tool/trad.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/ip.h>
#include <string.h>

enum { ROUTE_MAX = 40, ADDRESS = 4 }; /* RFC 791: all options together; an IPv4 address */

/* `NAME [ADDRESS] PORT (SERVICE) TEXT` */
static void say(const struct nc_place *place, const struct net_address *to, const char *text)
{
	const struct trad *t = place->context;
	uint16_t port = (uint16_t)net_address_port(to);
	const struct servent *service = getservbyport(htons(port), place->datagram ? "udp" : "tcp");
	char ip[NET_ADDRESS_TEXT];

	fprintf(nc_place_words(place), "%s [%s] %u (%s) %s\n", t->name,
		nc_report_numeric(to, ip, sizeof(ip)), port, service ? service->s_name : "?", text);
}

/* One port that was asked for is always worth a word; of many, closed ones are not. */
static bool tells_failure(const struct trad *t, int reason)
{
	if (t->o->verbose > 1)
		return true;
	if (t->o->ports.n == 1)
		return !t->o->zero || t->o->verbose;
	return t->o->verbose && reason != -ECONNREFUSED;
}

static void say_failed(const struct nc_place *place, const struct net_address *to, int reason)
{
	const struct trad *t = place->context;
	char text[128];

	(void)snprintf(text, sizeof(text), ": %s",
		       err_reason(reason == -EINPROGRESS ? -ETIMEDOUT : reason));
	if (tells_failure(t, reason))
		say(place, to, text);
	if (t->o->ours.json) /* never with -z */
		nc_account_failed(place, to, reason);
}

static void say_connected(const struct nc_place *place, const struct net_address *to, uint16_t port)
{
	const struct trad *t = place->context;

	(void)port; /* to has it: there is no proxy */
	if (t->o->verbose)
		say(place, to, "open");
}

/* A datagram port that is closed is told only here. */
static void say_scanned(const struct nc_place *place, uint16_t port, enum nc_port_state state)
{
	const struct trad *t = place->context;
	struct net_address to = t->target;

	net_address_set_port(&to, port);
	if (place->datagram && state == NC_PORT_CLOSED)
		say_failed(place, &to, -ECONNREFUSED);
}

static const struct nc_observer words = {
	.failed = say_failed,
	.connected = say_connected,
	.scanned = say_scanned,
};

/* Loose source routing (RFC 791): the gates, and the target behind them.  The length, or
 * negative with the sentence. */
static ssize_t make_route(const struct trad *t, uint8_t out[ROUTE_MAX], struct err *err)
{
	const struct nc_words *gates = &t->o->gates;
	size_t len = 3;

	if (!gates->n)
		return 0;
	for (size_t i = 0; i <= gates->n; i++, len += ADDRESS) {
		struct net_address hop = t->target;
		char name[NI_MAXHOST];
		int r = i == gates->n
				? 0
				: trad_look_up(t, gates->items[i], &hop, name, sizeof(name), err);

		if (r < 0)
			return r;
		memcpy(out + len, &hop.in.sin_addr, ADDRESS);
	}
	out[0] = IPOPT_LSRR;
	out[1] = (uint8_t)len;
	out[2] = (uint8_t)(t->o->pointer > 0 ? t->o->pointer : IPOPT_MINOFF);
	out[len++] = IPOPT_EOL;
	return (ssize_t)len;
}

static int pause_between(const struct trad *t, size_t i)
{
	if (t->o->interval <= 0 || i == 0)
		return 0;
	return task_sleep(t->o->interval * CLOCK_US_PER_S);
}

/* A local address that cannot be had is the usual reason why there is no socket. */
static int dial_failed(const struct trad *t, int r, struct err *err)
{
	const struct nc_place *p = &t->place;

	if (r == -ECANCELED || (!p->source && !p->source_port) ||
	    (r != -EADDRNOTAVAIL && r != -EADDRINUSE && r != -EACCES))
		return r;
	return err_set(err, r, "Can't grab %s:%s with bind : %s", p->source ? p->source : "0.0.0.0",
		       p->source_port ? p->source_port : "0", err_reason(r));
}

static int visit(struct trad *t, struct err *err)
{
	const struct nc_ports *ports = &t->o->ports;
	int status = ports->n == 1 ? NC_FAILED : 0;

	for (size_t i = 0; i < ports->n; i++) {
		auto_close int fd = -1;
		struct net_address to;
		int r = pause_between(t, i);

		if (r == 0)
			r = nc_retry_dial(&t->place, t->o->ours.wait_for, ports->items[i], &fd, &to,
					  err);
		if (r < 0)
			return dial_failed(t, r, err);
		if (r == 0)
			continue;
		status = 0;
		say_connected(&t->place, &to, ports->items[i]);
		r = t->o->zero ? 0 : trad_use(t, take_fd(&fd), err);
		if (r < 0)
			return r;
	}
	return status;
}

/* Many ports at once, unless there is to be a pause between them. */
static int scan(struct trad *t, struct err *err)
{
	enum nc_port_state last;
	size_t n_open;
	int r = nc_scan(&t->place, &t->o->ports, &n_open, &last, err);

	if (r < 0)
		return dial_failed(t, r, err);
	return t->o->ports.n == 1 && !n_open ? NC_FAILED : 0;
}

int trad_client(struct trad *t, struct err *err)
{
	uint8_t route[ROUTE_MAX];
	ssize_t len = make_route(t, route, err);
	int r;

	if (len < 0)
		return (int)len;
	t->place.observer = &words;
	t->place.tuning.route = route;
	t->place.tuning.route_len = (size_t)len;
	if (t->o->zero && (t->o->interval <= 0 || t->place.datagram) && !t->o->ours.wait_for)
		r = scan(t, err);
	else
		r = visit(t, err);
	t->place.tuning.route = NULL;
	t->place.tuning.route_len = 0;
	if (r == 0 || r == NC_FAILED || r == -ECANCELED)
		trad_say_counts(t);
	return r;
}
