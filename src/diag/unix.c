/* SPDX-License-Identifier: MIT */
/*
 * UNIX domain sockets: unix_diag over netlink, and /proc/net/unix.
 *
 *	| family u8 | type u8 | state u8 | pad u8 | ino u32 | cookie 2 x u32 | attributes ...
 *
 *	Num: RefCount Protocol Flags Type St Inode Path
 */

#include "diag/attribute.h"
#include "diag/family.h"
#include "diag/scan.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>

enum {
	COOKIE_HIGH_SHIFT = 32,
	FLAG_ACCEPTING = 1 << 16, /* __SO_ACCEPTCON in the kernel */
};

static const struct diag_attribute attributes[] = {
	[UNIX_DIAG_NAME] = ATTRIBUTE_BYTES(name, 0),
	[UNIX_DIAG_VFS] = ATTRIBUTE_BYTES(file, HAS_FILE),
	[UNIX_DIAG_PEER] = ATTRIBUTE_NUMBER(peer.port, HAS_PEER),
	[UNIX_DIAG_ICONS] = ATTRIBUTE_BYTES(waiting, 0),
	[UNIX_DIAG_RQLEN] = ATTRIBUTE_BYTES(queues, 0),
	[UNIX_DIAG_MEMINFO] = ATTRIBUTE_BYTES(memory, HAS_MEMORY),
	[UNIX_DIAG_SHUTDOWN] = ATTRIBUTE_NUMBER(shutdown, HAS_SHUTDOWN),
	[UNIX_DIAG_UID] = ATTRIBUTE_NUMBER(uid, HAS_UID),
};

static void unix_request(const struct diag_family *self, const struct diag_query *query,
			 uint8_t family, struct buf *out)
{
	struct unix_diag_req request = {
		.sdiag_family = family,
		.sdiag_protocol = (uint8_t)self->protocol,
		.udiag_states = query->states,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN,
	};

	if (query->wants & WANT_MEMORY)
		request.udiag_show |= UDIAG_SHOW_MEMINFO;
	if (query->wants & WANT_FILE)
		request.udiag_show |= UDIAG_SHOW_VFS | UDIAG_SHOW_ICONS;
	if (query->wants & WANT_UID)
		request.udiag_show |= UDIAG_SHOW_UID;
	buf_put(out, &request, sizeof(request));
}

static enum diag_table table_of(uint8_t type)
{
	switch (type) {
	case SOCK_STREAM:
		return DIAG_UNIX_STREAM;
	case SOCK_SEQPACKET:
		return DIAG_UNIX_SEQPACKET;
	default:
		return DIAG_UNIX_DGRAM;
	}
}

static int unix_decode(const void *payload, size_t len, struct sock_record *ret)
{
	struct unix_diag_msg message;

	if (len < sizeof(message))
		return -EBADMSG;
	memcpy(&message, payload, sizeof(message));

	ret->family = message.udiag_family;
	ret->type = message.udiag_type;
	ret->state = message.udiag_state;
	ret->table = table_of(ret->type);
	ret->inode = message.udiag_ino;
	ret->local.port = message.udiag_ino;
	ret->cookie =
		(uint64_t)message.udiag_cookie[1] << COOKIE_HIGH_SHIFT | message.udiag_cookie[0];

	diag_attributes((const char *)payload + sizeof(message), len - sizeof(message), attributes,
			ARRAY_SIZE(attributes), ret);
	ret->receive_queue = sock_bytes_u32(&ret->queues, 0);
	ret->send_queue = sock_bytes_u32(&ret->queues, 1);
	return 0;
}

/* The column St holds the state of struct socket, which is not TCP's.  ss calls
 * a datagram socket connected when the kernel's pointer, the first column, is
 * not hidden; lists made without sock_diag have always looked like that. */
static uint8_t state_of(const struct sock_record *record, uint32_t flags, uint64_t state,
			uint32_t pointer)
{
	static const uint8_t states[] = {
		[1] = SOCK_CLOSE,
		[2] = SOCK_SYN_SENT,
		[3] = SOCK_ESTABLISHED,
		[4] = SOCK_CLOSING,
	};

	if (flags & FLAG_ACCEPTING)
		return SOCK_LISTEN;
	if (state == 0 || state >= ARRAY_SIZE(states))
		return (uint8_t)MIN(state, (uint64_t)SOCK_STATES);
	if (record->type == SOCK_DGRAM && states[state] == SOCK_CLOSE && pointer)
		return SOCK_ESTABLISHED;
	return states[state];
}

static int unix_parse(const char *line, size_t len, struct sock_record *ret)
{
	struct scan scan;
	uint32_t pointer, flags;

	scan_init(&scan, line, len);
	pointer = (uint32_t)scan_hex(&scan);
	scan_byte(&scan, ':');
	(void)scan_hex(&scan);
	(void)scan_hex(&scan);
	flags = (uint32_t)scan_hex(&scan);
	ret->type = (uint8_t)scan_hex(&scan);
	ret->state = state_of(ret, flags, scan_hex(&scan), pointer);
	ret->inode = (uint32_t)scan_decimal(&scan);
	if (scan.failed || ret->state >= SOCK_STATES)
		return -EBADMSG;

	ret->over_proc = true;
	ret->table = table_of(ret->type);
	ret->local.port = ret->inode;
	scan_blanks(&scan);
	ret->name.data = scan.at;
	if (scan.at < scan.end)
		scan_word(&scan);
	ret->name.len = (size_t)(scan.at - (const char *)ret->name.data);
	return 0;
}

/* The file has the order of the kernel's hash table; people want another. */
static int unix_compare(const void *a, const void *b)
{
	const struct sock_record *left = a, *right = b;

	if (left->type != right->type)
		return left->type < right->type ? -1 : 1;
	return (left->inode > right->inode) - (left->inode < right->inode);
}

const struct diag_family diag_unix = {
	.table = DIAG_UNIX_DGRAM,
	.tables = TABLES_UNIX,
	.halves = { { AF_UNIX, PROC_UNIX } },
	.request = unix_request,
	.decode = unix_decode,
	.parse = unix_parse,
	.compare = unix_compare,
};
