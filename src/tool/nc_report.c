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

/* inet_ntop(3) form with the scope of a link-local address. */
static const char *numeric(const struct net_address *a, char *out, size_t size)
{
	char name[IF_NAMESIZE];
	size_t len;

	(void)net_address_numeric(a, out, size);
	len = strlen(out);
	if (a->any.sa_family == AF_INET6 && a->in6.sin6_scope_id &&
	    if_indextoname(a->in6.sin6_scope_id, name))
		(void)snprintf(out + len, size - len, "%%%s", name);
	return out;
}

/* ` (ADDRESS)` when the host was typed as something else. */
static const char *resolved(const struct nc_options *o, const struct net_address *to, char *out,
			    size_t size)
{
	char text[NUMERIC_TEXT];

	out[0] = '\0';
	if (!o->numeric && !str_equal(numeric(to, text, sizeof(text)), o->host))
		(void)snprintf(out, size, " (%s)", text);
	return out;
}

void nc_report_failed(const struct nc_options *o, const struct net_address *to, int reason)
{
	char address[NUMERIC_TEXT + 3];

	if (!o->verbose)
		return;
	fprintf(stderr, "%s: connect to %s%s port %ld (%s) %s: %s\n", o->program, o->host,
		resolved(o, to, address, sizeof(address)), net_address_port(to),
		nc_socket_protocol_name(o), reason == -EINPROGRESS ? "timed out" : "failed",
		err_reason(reason));
}

void nc_report_connected(const struct nc_options *o, const struct net_address *to)
{
	const char *protocol = nc_socket_protocol_name(o);
	const struct servent *service = NULL;
	char address[NUMERIC_TEXT + 3];

	if (!o->verbose)
		return;
	if (!o->numeric)
		service = getservbyport(htons((uint16_t)net_address_port(to)), protocol);
	fprintf(stderr, "Connection to %s%s %ld port [%s/%s] succeeded!\n", o->host,
		resolved(o, to, address, sizeof(address)), net_address_port(to), protocol,
		service ? service->s_name : "*");
}

void nc_report_address(const struct nc_options *o, const char *what, const struct net_address *a)
{
	char name[NI_MAXHOST], shown[4 * NI_MAXHOST];

	if (!o->verbose)
		return;
	if (o->numeric || net_reverse(a, name, sizeof(name)) < 0)
		(void)numeric(a, name, sizeof(name));
	fprintf(stderr, "%s %s %ld\n", what, str_escape(name, strlen(name), shown, sizeof(shown)),
		net_address_port(a));
}

void nc_report_path(const struct nc_options *o, const char *what, const char *path)
{
	if (o->verbose)
		fprintf(stderr, "%s %s\n", what, path);
}
