/* SPDX-License-Identifier: MIT */
/* Files below /proc: the first byte chooses the kind, the rest is the text. */

#include "diag/family.h"
#include "diag/namespace.h"
#include "diag/owner.h"
#include "diag/owner_facts.h"
#include "diag/proc.h"
#include "diag/summary.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_lines(const struct diag_family *family, uint8_t half, const char *text, size_t len)
{
	struct proc_lines lines;
	const char *line;
	size_t line_len;

	proc_lines_init(&lines, text, len);
	while (proc_lines_next(&lines, &line, &line_len)) {
		struct sock_record record = { .table = family->table, .family = half };

		(void)family->parse(line, line_len, &record);
	}
}

static void read_others(char *text, size_t len)
{
	struct diag_summary summary = { 0 };
	char name[OWNER_NAME_MAX + 1];
	struct owner_group group;
	uint64_t number;
	uint32_t inode;

	owner_parse_name(text, len, name);
	(void)owner_parse_link(text, len, &inode);
	owner_parse_group(text, len, &group);
	(void)owner_parse_start(text, len, &number);
	(void)namespace_parse_link(text, len, &number);
	diag_summary_sockstat(&summary, text);
	diag_summary_snmp(&summary, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const struct diag_family *family;
		uint8_t half;
	} kinds[] = {
		{ &diag_tcp, AF_INET },
		{ &diag_tcp, AF_INET6 },
		{ &diag_udp, AF_INET },
		{ &diag_udp, AF_INET6 },
		{ &diag_raw, AF_INET },
		{ &diag_unix, AF_UNIX },
		{ NULL, 0 },
		{ &diag_packet, AF_PACKET },
		{ &diag_netlink, AF_NETLINK },
	};
	size_t kind, len;
	char *text;

	if (size < 1)
		return 0;
	kind = data[0] % ARRAY_SIZE(kinds);
	len = size - 1;
	text = mem_new(1, size); /* the last byte stays NUL */
	memcpy(text, data + 1, len);
	if (kinds[kind].family)
		read_lines(kinds[kind].family, kinds[kind].half, text, len);
	else
		read_others(text, len);
	free(text);
	return 0;
}
