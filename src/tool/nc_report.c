/* SPDX-License-Identifier: MIT */
/* What nc -v says; scripts depend on these words.  Names that a resolver gives
 * are foreign text and escaped. */

#include "tool/nc_report.h"

#include "base/str.h"
#include "net/resolve.h"
#include "tool/nc_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <string.h>

enum { NUMERIC_TEXT = NET_HOST_TEXT + IF_NAMESIZE };

const char *nc_report_numeric(const struct net_address *a, char *out, size_t size)
{
	char name[IF_NAMESIZE];
	struct net_address plain = *a;
	size_t len;

	if (net_address_unmap(&plain)) /* --dual-stack: an IPv4 client */
		return net_address_numeric(&plain, out, size);
	(void)net_address_numeric(a, out, size);
	len = strlen(out);
	if (a->any.sa_family == AF_INET6 && a->in6.sin6_scope_id &&
	    if_indextoname(a->in6.sin6_scope_id, name))
		(void)snprintf(out + len, size - len, "%%%s", name);
	return out;
}

/* ` (ADDRESS)` when the host was typed as something else, and is not known to the
 * proxy only. */
static const char *resolved(const struct nc_place *place, const struct net_address *to, char *out,
			    size_t size)
{
	char text[NUMERIC_TEXT];

	out[0] = '\0';
	if (!place->numeric && to->any.sa_family != AF_UNSPEC &&
	    !str_equal(nc_report_numeric(to, text, sizeof(text)), place->host))
		(void)snprintf(out, size, " (%s)", text);
	return out;
}

/* `nc: connect to HOST (ADDRESS) port PORT (tcp) failed: REASON` */
static void say_failed(const struct nc_place *place, const struct net_address *to, int reason)
{
	char address[NUMERIC_TEXT + 3];

	fprintf(nc_place_words(place), "%s: connect to %s%s port %ld (%s) %s: %s\n", place->program,
		place->host, resolved(place, to, address, sizeof(address)), net_address_port(to),
		nc_socket_protocol_name(place), reason == -EINPROGRESS ? "timed out" : "failed",
		err_reason(reason));
}

/* `Connection to HOST (ADDRESS) PORT port [tcp/http] succeeded!` */
static void say_connected(const struct nc_place *place, const struct net_address *to, uint16_t port)
{
	const char *protocol = nc_socket_protocol_name(place);
	const struct servent *service = NULL;
	char address[NUMERIC_TEXT + 3];

	if (!place->numeric)
		service = getservbyport(htons(port), protocol);
	fprintf(nc_place_words(place), "Connection to %s%s %u port [%s/%s] succeeded!\n",
		place->host, resolved(place, to, address, sizeof(address)), port, protocol,
		service ? service->s_name : "*");
}

/* `WHAT NAME PORT` or `WHAT PATH` */
static void say_address(const struct nc_place *place, const char *what, const struct net_address *a)
{
	char name[NI_MAXHOST], shown[4 * NI_MAXHOST];

	if (place->numeric || net_reverse(a, name, sizeof(name)) < 0)
		(void)nc_report_numeric(a, name, sizeof(name));
	fprintf(stderr, "%s %s %ld\n", what, str_escape(name, strlen(name), shown, sizeof(shown)),
		net_address_port(a));
}

/* A client's own UNIX socket has another name than the place. */
static void say_bound(const struct nc_place *place, const struct net_address *at)
{
	if (at->any.sa_family == AF_UNIX)
		fprintf(stderr, "Bound on %s%s\n", at->un.sun_path[0] ? "" : "@",
			at->un.sun_path + !at->un.sun_path[0]);
	else
		say_address(place, "Bound on", at);
}

static void say_listening(const struct nc_place *place, const struct net_address *at)
{
	if (at->any.sa_family == AF_UNIX)
		fprintf(stderr, "Listening on %s\n", place->host);
	else
		say_address(place, "Listening on", at);
}

static void say_accepted(const struct nc_place *place, const struct net_address *peer)
{
	if (place->family == AF_UNIX)
		fprintf(stderr, "Connection received on %s\n", place->host);
	else
		say_address(place, "Connection received on", peer);
}

/* Ours, with -vv: without an answer `succeeded!` may also mean that a firewall is silent. */
static void say_scanned(const struct nc_place *place, uint16_t port, enum nc_port_state state)
{
	static const char *const texts[NC_PORT_STATES] = {
		[NC_PORT_OPEN] = "open: it answered",
		[NC_PORT_SILENT] = "open or filtered: no answer",
		[NC_PORT_CLOSED] = "closed: ICMP port unreachable",
		[NC_PORT_FAILED] = "not reached",
	};

	if (place->datagram)
		fprintf(nc_place_words(place), "%s port %u (%s) %s\n", place->host, port,
			nc_socket_protocol_name(place), texts[state]);
}

static const struct nc_observer report = {
	.failed = say_failed,
	.connected = say_connected,
	.bound = say_bound,
	.listening = say_listening,
	.accepted = say_accepted,
};

static const struct nc_observer report_more = {
	.failed = say_failed,
	.connected = say_connected,
	.scanned = say_scanned,
	.bound = say_bound,
	.listening = say_listening,
	.accepted = say_accepted,
};

const struct nc_observer *nc_report_for(int verbose)
{
	if (verbose > 1)
		return &report_more;
	return verbose ? &report : NULL;
}
