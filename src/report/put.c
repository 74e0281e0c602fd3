/* SPDX-License-Identifier: MIT */
/* Pieces of rows that several families share. */

#include "report/column.h"

#include <assert.h>

enum {
	SHUT_RECEIVING = 1 << 0,
	SHUT_SENDING = 1 << 1,
	MS_PER_SECOND = 1000,
	SECONDS_PER_MINUTE = 60,
	NO_SECONDS_FROM_MINUTES = 10,
	NO_MS_FROM_SECONDS = 10,
	DELETE = 0x7f,
};

static const struct text_label state_names[] = {
	[SOCK_UNKNOWN] = TEXT_LABEL("UNKNOWN"),	      [SOCK_ESTABLISHED] = TEXT_LABEL("ESTAB"),
	[SOCK_SYN_SENT] = TEXT_LABEL("SYN-SENT"),     [SOCK_SYN_RECV] = TEXT_LABEL("SYN-RECV"),
	[SOCK_FIN_WAIT1] = TEXT_LABEL("FIN-WAIT-1"),  [SOCK_FIN_WAIT2] = TEXT_LABEL("FIN-WAIT-2"),
	[SOCK_TIME_WAIT] = TEXT_LABEL("TIME-WAIT"),   [SOCK_CLOSE] = TEXT_LABEL("UNCONN"),
	[SOCK_CLOSE_WAIT] = TEXT_LABEL("CLOSE-WAIT"), [SOCK_LAST_ACK] = TEXT_LABEL("LAST-ACK"),
	[SOCK_LISTEN] = TEXT_LABEL("LISTEN"),	      [SOCK_CLOSING] = TEXT_LABEL("CLOSING"),
	[SOCK_NEW_SYN_RECV] = TEXT_LABEL("UNDEF"),    [SOCK_BOUND_INACTIVE] = TEXT_LABEL("UNDEF"),
	[SOCK_STATES] = TEXT_LABEL("UNDEF"),
};
static_assert(ARRAY_SIZE(state_names) == SOCK_STATES + 1, "name every state");

void put_state(struct report *report, const struct sock_record *record, struct text *text)
{
	(void)report;
	text_label(text, &state_names[MIN(record->state, (uint8_t)SOCK_STATES)]);
}

void put_shutdown(const struct sock_record *record, struct text *text)
{
	if (!(record->has & HAS_SHUTDOWN))
		return;
	text_byte(text, ' ');
	text_byte(text, record->shutdown & SHUT_RECEIVING ? '-' : '<');
	text_byte(text, '-');
	text_byte(text, record->shutdown & SHUT_SENDING ? '-' : '>');
}

void put_memory(const struct sock_record *record, struct text *text)
{
	static const char *const letters[] = {
		[MEMORY_RECEIVE] = " skmem:(r", [MEMORY_RECEIVE_MAX] = ",rb",
		[MEMORY_SEND] = ",t",		[MEMORY_SEND_MAX] = ",tb",
		[MEMORY_FORWARD] = ",f",	[MEMORY_QUEUED] = ",w",
		[MEMORY_OPTIONS] = ",o",	[MEMORY_BACKLOG] = ",bl",
		[MEMORY_DROPS] = ",d",
	};
	size_t count = record->memory.len / sizeof(uint32_t);

	static_assert(ARRAY_SIZE(letters) == MEMORY_FIELDS, "name every number");
	if (!(record->has & HAS_MEMORY))
		return;
	/* Kernels before 3.x sent seven numbers; the others came later. */
	count = MIN(MAX(count, (size_t)MEMORY_BACKLOG), (size_t)MEMORY_FIELDS);
	for (size_t i = 0; i < count; i++) {
		text_put(text, letters[i]);
		text_unsigned(text, sock_bytes_u32(&record->memory, i));
	}
	text_byte(text, ')');
}

void put_identity(const struct sock_record *record, struct text *text)
{
	if (record->uid) {
		text_put(text, " uid:");
		text_unsigned(text, record->uid);
	}
	text_put(text, " ino:");
	text_unsigned(text, record->inode);
	text_put(text, " sk:");
	text_hex(text, record->cookie);
}

/* A process chooses its name; a terminal must not obey it. */
static void put_name(const char *name, struct text *text)
{
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c > DELETE)
			text_byte(text, '?');
		else
			text_byte(text, c < ' ' || c == DELETE ? '.' : (char)c);
	}
}

void put_users(const struct owners *owners, uint32_t inode, bool threads, struct text *text)
{
	const char *before = " users:((\"";
	struct owner owner;

	for (size_t i = owners_first(owners, inode); i; i = owners_next(owners, i)) {
		owners_get(owners, i, &owner);
		text_put(text, before);
		put_name(owner.name, text);
		text_put(text, "\",pid=");
		text_signed(text, owner.pid);
		if (threads) {
			text_put(text, ",tid=");
			text_signed(text, owner.tid);
		}
		text_put(text, ",fd=");
		text_signed(text, owner.fd);
		text_byte(text, ')');
		before = ",(\"";
	}
	if (*before == ',')
		text_byte(text, ')');
}

void put_duration(struct text *text, uint32_t milliseconds)
{
	uint32_t seconds = milliseconds / MS_PER_SECOND;
	uint32_t minutes = seconds / SECONDS_PER_MINUTE;
	uint32_t rest = milliseconds % MS_PER_SECOND;

	seconds %= SECONDS_PER_MINUTE;
	if (minutes) {
		text_unsigned(text, minutes);
		text_put(text, "min");
		rest = 0;
		if (minutes >= NO_SECONDS_FROM_MINUTES)
			seconds = 0;
	}
	if (seconds) {
		if (seconds >= NO_MS_FROM_SECONDS)
			rest = 0;
		text_unsigned(text, seconds);
		text_put(text, rest ? "." : "sec");
	}
	if (rest)
		text_format(text, "%03u%s", rest, seconds ? "sec" : "ms");
}

const char *timer_name(uint8_t timer)
{
	static const char *const names[] = {
		[TIMER_NONE] = "off",
		[TIMER_RETRANSMIT] = "on",
		[TIMER_KEEPALIVE] = "keepalive",
		[TIMER_TIME_WAIT] = "timewait",
		[TIMER_PERSIST] = "persist",
		[TIMER_DELAYED_ACK] = "delack",
	};

	return timer < ARRAY_SIZE(names) ? names[timer] : "unknown";
}

void put_timer(const char *name, const struct sock_record *record, struct text *text)
{
	text_put(text, " timer:(");
	text_put(text, name);
	text_byte(text, ',');
	put_duration(text, record->timer_ms);
	text_byte(text, ',');
	text_unsigned(text, record->retransmits);
	text_byte(text, ')');
}
