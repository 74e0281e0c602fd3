/* SPDX-License-Identifier: MIT */
/* Rows of UNIX domain sockets. */

#include "report/column.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

static void unix_netid(struct report *report, const struct sock_record *record, struct text *text)
{
	static const struct text_label stream = TEXT_LABEL("u_str"), packets = TEXT_LABEL("u_seq"),
				       datagrams = TEXT_LABEL("u_dgr");

	(void)report;
	text_label(text, record->type == SOCK_STREAM	  ? &stream
			 : record->type == SOCK_SEQPACKET ? &packets
							  : &datagrams);
}

/* A path ends at its first NUL; in an abstract name, which begins with one,
 * each NUL is shown as @. */
static void put_path(const struct report *report, const struct sock_bytes *name, struct text *text)
{
	const char *data = name->data;
	bool abstract = data[0] == '\0';
	size_t len = abstract ? name->len : strnlen(data, name->len);

	while (len) {
		size_t part = strnlen(data, len);

		if (report->options.terminal)
			text_foreign(text, data, part);
		else
			text_bytes(text, data, part);
		if (part < len)
			text_byte(text, '@');
		part = MIN(part + 1, len);
		data += part;
		len -= part;
	}
}

static void unix_address(struct report *report, const struct sock_record *record,
			 enum sock_side side, struct text *text)
{
	if (side == SIDE_LOCAL && record->name.len)
		put_path(report, &record->name, text);
	else
		text_byte(text, '*');
	text_byte(text, ' ');
}

static void unix_port(struct report *report, const struct sock_record *record, enum sock_side side,
		      struct text *text)
{
	(void)report;
	text_unsigned(text, side == SIDE_LOCAL ? record->local.port : record->peer.port);
}

static void put_file(const struct sock_record *record, struct text *text)
{
	dev_t device = sock_bytes_u32(&record->file, 1);

	if (!(record->has & HAS_FILE))
		return;
	text_put(text, " ino:");
	text_unsigned(text, sock_bytes_u32(&record->file, 0));
	text_put(text, " dev:");
	text_unsigned(text, major(device));
	text_byte(text, '/');
	text_unsigned(text, minor(device));
}

/* The kernel tells it of every listener, also when nobody waits. */
static void put_waiting(const struct sock_record *record, struct text *text)
{
	if (!record->waiting.data)
		return;
	text_put(text, " peers:");
	for (size_t i = 0; i < record->waiting.len / sizeof(uint32_t); i++) {
		text_byte(text, ' ');
		text_unsigned(text, sock_bytes_u32(&record->waiting, i));
	}
}

static void unix_details(struct report *report, const struct sock_record *record, struct text *text)
{
	if (report->options.memory)
		put_memory(record, text);
	if (report->options.extended) {
		put_shutdown(record, text);
		put_file(record, text);
		put_waiting(record, text);
	}
}

const struct row_format row_unix = {
	.netid = unix_netid,
	.state = put_state,
	.address = unix_address,
	.port = unix_port,
	.details = unix_details,
};
