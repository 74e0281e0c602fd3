/* SPDX-License-Identifier: MIT */
/* sockbox_query(): the records of diag/ in the types of the public header. */

#include "sockbox.h"

#include "base/err.h"
#include "diag/diag.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { HOST_TEXT = 128 };

static const int protocols[DIAG_TABLES] = {
	[DIAG_TCP] = IPPROTO_TCP,
	[DIAG_UDP] = IPPROTO_UDP,
	[DIAG_RAW] = IPPROTO_RAW,
};

static const struct {
	unsigned int kind;
	diag_tables tables;
	diag_families families;
} kinds_of_tables[] = {
	{ SOCKBOX_TCP, TABLE_BIT(DIAG_TCP), FAMILIES_INET },
	{ SOCKBOX_UDP, TABLE_BIT(DIAG_UDP), FAMILIES_INET },
	{ SOCKBOX_RAW, TABLE_BIT(DIAG_RAW), FAMILIES_INET },
	{ SOCKBOX_UNIX, TABLES_UNIX, FAMILY_BIT(AF_UNIX) },
};

struct receiver {
	int (*row)(void *context, const struct sockbox_socket *socket);
	void *context;
};

static void format_end(const struct sock_record *record, const struct sock_end *end, char *out)
{
	out[0] = '\0';
	if (record->family == AF_INET || record->family == AF_INET6)
		(void)inet_ntop(record->family, end->address, out, HOST_TEXT);
}

/* An abstract name begins with "@", as ss shows it. */
static void format_name(const struct sock_record *record, char *out)
{
	size_t len = MIN(record->name.len, (size_t)HOST_TEXT - 1);

	if (len)
		memcpy(out, record->name.data, len);
	out[len] = '\0';
	if (len && !out[0])
		out[0] = '@';
}

static int hand_over(void *context, const struct sock_record *record)
{
	const struct receiver *receiver = context;
	char local[HOST_TEXT], remote[HOST_TEXT];
	bool is_unix = record->family == AF_UNIX;
	struct sockbox_socket socket = {
		.family = record->family,
		.type = record->type,
		.protocol = protocols[record->table],
		.state = record->state,
		.local_host = local,
		.remote_host = remote,
		.local_port = is_unix ? 0 : (int)record->local.port,
		.remote_port = is_unix ? 0 : (int)record->peer.port,
		.inode = is_unix ? record->local.port : record->inode,
		.uid = record->uid,
		.receive_queue = record->receive_queue,
		.send_queue = record->send_queue,
	};

	format_end(record, &record->local, local);
	format_end(record, &record->peer, remote);
	if (is_unix)
		format_name(record, local);
	return receiver->row(receiver->context, &socket);
}

int sockbox_query(unsigned int kinds,
		  int (*row)(void *context, const struct sockbox_socket *socket), void *context,
		  struct sockbox_error *error)
{
	struct diag_query query = { .states = STATES_ALL };
	struct receiver receiver = { row, context };
	struct diag_places places;
	struct err err = { .column = -1 };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(kinds_of_tables); i++) {
		if (!(kinds & kinds_of_tables[i].kind))
			continue;
		query.tables |= kinds_of_tables[i].tables;
		query.families |= kinds_of_tables[i].families;
	}
	diag_places_init(&places);
	r = diag_dump(&query, &places, hand_over, &receiver, &err);
	if (r < 0 && error) {
		error->code = r;
		error->column = -1;
		(void)snprintf(error->text, sizeof(error->text), "%s",
			       err.text[0] ? err.text : err_reason(r));
	}
	return r;
}
