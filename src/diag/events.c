/* SPDX-License-Identifier: MIT */
/* Sockets as they are destroyed: the multicast groups of sock_diag. */

#include "diag/family.h"
#include "diag/netlink.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

struct events {
	const struct diag_query *query;
	diag_row *row;
	void *context;
};

static const struct {
	enum diag_table table;
	int family;
	enum sknetlink_groups group;
} groups[] = {
	{ DIAG_TCP, AF_INET, SKNLGRP_INET_TCP_DESTROY },
	{ DIAG_UDP, AF_INET, SKNLGRP_INET_UDP_DESTROY },
	{ DIAG_TCP, AF_INET6, SKNLGRP_INET6_TCP_DESTROY },
	{ DIAG_UDP, AF_INET6, SKNLGRP_INET6_UDP_DESTROY },
};

static uint32_t groups_of(const struct diag_query *query)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (query->tables & TABLE_BIT(groups[i].table) &&
		    query->families & FAMILY_BIT(groups[i].family))
			bits |= 1U << (groups[i].group - 1);
	return bits;
}

static int take_event(void *context, const void *payload, size_t len)
{
	const struct events *events = context;
	struct sock_record record = { .table = DIAG_TCP };

	if (diag_tcp.decode(payload, len, &record) < 0)
		return 0;
	if (record.has & HAS_PROTOCOL && record.protocol == IPPROTO_UDP)
		record.table = DIAG_UDP;
	if (record.family >= FAMILY_BITS || !(events->query->families & FAMILY_BIT(record.family)))
		return 0;
	return events->row(events->context, &record);
}

int diag_events(const struct diag_query *query, diag_row *row, void *context, struct err *err)
{
	struct events events = { .query = query, .row = row, .context = context };
	auto_netlink netlink = { 0 };
	int r;

	if (!groups_of(query))
		return -ENOENT;
	r = netlink_open(&netlink, groups_of(query), err);
	if (r < 0)
		return r;
	r = netlink_listen(&netlink, take_event, &events);
	return err_set(err, r, "events of sockets: %s", err_reason(r));
}
