/* SPDX-License-Identifier: MIT */
/* The counters in /proc/net/sockstat, sockstat6 and snmp. */

#include "diag/summary.h"
#include "base/log.h"
#include "base/str.h"
#include "diag/proc.h"

#include <stdlib.h>
#include <string.h>

#define COUNTER(line_, word_, field_)                                                             \
	{                                                                                         \
		.line = (line_), .word = (word_), .offset = offsetof(struct diag_summary, field_) \
	}

static const struct counter {
	const char *line;
	const char *word;
	size_t offset;
} counters[] = {
	COUNTER("sockets:", "used", sockets),	COUNTER("TCP:", "inuse", tcp4),
	COUNTER("TCP:", "orphan", tcp_orphans), COUNTER("TCP:", "tw", tcp_time_wait),
	COUNTER("TCP:", "alloc", tcp_total),	COUNTER("UDP:", "inuse", udp4),
	COUNTER("RAW:", "inuse", raw4),		COUNTER("FRAG:", "inuse", fragments4),
	COUNTER("TCP6:", "inuse", tcp6),	COUNTER("UDP6:", "inuse", udp6),
	COUNTER("RAW6:", "inuse", raw6),	COUNTER("FRAG6:", "inuse", fragments6),
};

static bool is_word(const char *word, size_t len, const char *expected)
{
	return len == strlen(expected) && memcmp(word, expected, len) == 0;
}

/* The next word of the line; NULL at its end. */
static const char *next_word(const char *at, size_t *ret_len)
{
	at += strspn(at, " \t");
	*ret_len = strcspn(at, " \t\n");
	return *ret_len ? at : NULL;
}

static void take_pair(struct diag_summary *summary, const char *line, size_t line_len,
		      const char *word, size_t len, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		const struct counter *counter = &counters[i];

		if (is_word(line, line_len, counter->line) && is_word(word, len, counter->word))
			*(int *)((char *)summary + counter->offset) = (int)strtol(value, NULL, 10);
	}
}

/* "NAME: word value word value ..." */
static void take_line(struct diag_summary *summary, const char *line)
{
	size_t line_len, len, value_len;
	const char *word, *value;

	if (!next_word(line, &line_len))
		return;
	word = next_word(line + line_len, &len);
	while (word && (value = next_word(word + len, &value_len))) {
		take_pair(summary, line, line_len, word, len, value);
		word = next_word(value + value_len, &len);
	}
}

void diag_summary_sockstat(struct diag_summary *summary, const char *text)
{
	while (text && *text) {
		take_line(summary, text);
		text = strchr(text, '\n');
		if (text)
			text++;
	}
}

/* The file has pairs of lines: names, then values in the same order. */
void diag_summary_snmp(struct diag_summary *summary, const char *text)
{
	static const char line[] = "Tcp:";
	const char *names = text, *values, *name, *value;
	size_t len, value_len;

	while (names && !str_begins(names, line)) {
		names = strchr(names, '\n');
		if (names)
			names++;
	}
	values = names ? strchr(names, '\n') : NULL;
	if (!values || !str_begins(values + 1, line))
		return;

	name = next_word(names, &len);
	value = next_word(values + 1, &value_len);
	while (name && value) {
		if (is_word(name, len, "CurrEstab"))
			summary->tcp_established = (int)strtol(value, NULL, 10);
		name = next_word(name + len, &len);
		value = next_word(value + value_len, &value_len);
	}
}

void diag_summary_read(const struct diag_places *places, struct diag_summary *ret)
{
	static const struct {
		enum proc_file file;
		void (*take)(struct diag_summary *summary, const char *text);
		const char *complaint; /* NULL: the file need not be there */
	} files[] = {
		{ PROC_SOCKSTAT, diag_summary_sockstat, "get_sockstat" },
		{ PROC_SOCKSTAT6, diag_summary_sockstat, NULL },
		{ PROC_SNMP, diag_summary_snmp, "get_snmpstat" },
	};

	*ret = (struct diag_summary){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[PLACES_PATH_MAX];
		auto_free char *text = NULL;
		ssize_t len = proc_read(diag_places_path(places, files[i].file, path), &text);

		if (len >= 0)
			files[i].take(ret, text);
		else if (files[i].complaint)
			log_warn("ss: %s: %s", files[i].complaint, err_reason((int)len));
	}
}
