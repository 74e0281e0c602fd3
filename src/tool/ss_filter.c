/* SPDX-License-Identifier: MIT */
/* Collecting the words of an expression, and telling what is wrong with them. */

#include "tool/ss_filter.h"
#include "base/buf.h"
#include "diag/cgroup.h"
#include "net/resolve.h"
#include "report/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_LENGTH = 1022, SHOWN_BEFORE = 40, SHOWN_AT_MOST = 78 };

static int find_service(const char *name, const char *protocol)
{
	const struct servent *entry = getservbyname(name, protocol);

	return entry ? ntohs((uint16_t)entry->s_port) : -1;
}

static int find_device(const char *name)
{
	unsigned int index = if_nametoindex(name);

	return index ? (int)index : -1;
}

static int find_number(void *context, enum filter_name kind, const char *name, uint64_t *ret,
		       struct err *err)
{
	int number = -1;

	switch (kind) {
	case FILTER_NAME_TCP_SERVICE:
		number = find_service(name, "tcp");
		break;
	case FILTER_NAME_UDP_SERVICE:
		number = find_service(name, "udp");
		break;
	case FILTER_NAME_DEVICE:
		number = find_device(name);
		break;
	case FILTER_NAME_ETHERNET:
		number = names_ethernet_number(name);
		break;
	case FILTER_NAME_NETLINK:
		number = names_netlink_number(context, name);
		break;
	case FILTER_NAME_CGROUP:
		return cgroup_id(name, ret, err);
	}
	if (number < 0)
		return -ENOENT;
	*ret = (uint64_t)number;
	return 0;
}

static size_t find_addresses(void *context, const char *host, int family, struct filter_prefix *ret,
			     size_t room)
{
	const struct net_query query = { .host = host, .family = family, .type = SOCK_STREAM };
	auto_addresses found = { 0 };
	size_t count = 0;

	(void)context;
	if (net_resolve(&query, &found, NULL) < 0)
		return 0;
	for (size_t i = 0; i < found.n && count < room; i++) {
		const struct net_address *a = &found.items[i];
		struct filter_prefix *prefix = &ret[count];

		*prefix = (struct filter_prefix){ .family = (uint8_t)a->any.sa_family };
		if (a->any.sa_family != family)
			continue;
		if (family == AF_INET)
			memcpy(prefix->address, &a->in.sin_addr, sizeof(a->in.sin_addr));
		else
			memcpy(prefix->address, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
		prefix->bits = family == AF_INET ? 32 : 128;
		count++;
	}
	return count;
}

/* An argument as part of one text: its line feeds are no blanks, and a backslash
 * at its end takes nothing from the next one. */
static void put_argument(struct buf *text, const char *word)
{
	for (; *word; word++) {
		if (*word == '\\' && !word[1])
			break;
		if (*word == '\n')
			buf_put_byte(text, '\\');
		if (*word == '\\')
			buf_put_byte(text, *word++);
		buf_put_byte(text, *word);
	}
	buf_put_byte(text, '\n');
}

/* Lines that begin with # are comments; in ss those that begin with 0 as well. */
static int put_file(struct buf *text, FILE *file)
{
	auto_free char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, file)) >= 0) {
		if (len > LINE_MAX_LENGTH) {
			fputs("Too long line in filter\n", stderr);
			return SS_EXIT_USAGE;
		}
		if (line[0] != '#' && line[0] != '0')
			buf_put_text(text, line);
	}
	return SS_GO_ON;
}

/* The part of the text around an error, with marks below it. */
static void show_place(const char *text, const struct err *err)
{
	size_t column = err->column > 0 ? (size_t)err->column : 0;
	size_t start = column > SHOWN_BEFORE ? column - SHOWN_BEFORE : 0;

	fputs("  ", stderr);
	for (size_t i = start; text[i] && i < start + SHOWN_AT_MOST; i++)
		fputc(text[i] == '\n'		       ? ' '
		      : text[i] < ' ' || text[i] > '~' ? '?'
						       : text[i],
		      stderr);
	fprintf(stderr, "\n  %*s", (int)(column - start), "");
	for (int i = 0; i < err->length && i < SHOWN_BEFORE; i++)
		fputc('^', stderr);
	fputc('\n', stderr);
}

/* Scripts find exactly the words of ss; the place comes where they end. */
static int complain(const struct ss_options *options, const char *text, const struct err *err)
{
	bool is_syntax = err->code != -EINVAL;

	fprintf(stderr, "%s\n", err->text);
	if (is_syntax)
		ss_options_usage(options, stderr);
	if (is_syntax || isatty(STDERR_FILENO))
		show_place(text, err);
	return is_syntax ? SS_EXIT_USAGE : EXIT_FAILURE;
}

static int parse(struct ss_options *options, const char *text, struct filter *ret)
{
	struct names names;
	struct filter_context context = {
		.number = find_number,
		.addresses = find_addresses,
		.context = &names,
		.preferred = options->selection.preferred,
		.tables = options->selection.tables,
	};
	struct err err;
	int r;

	names_init(&names, options->report.places);
	diag_port_range(options->report.places, &context.range_low, &context.range_high);
	r = filter_parse(text, &context, ret, &err);
	names_done(&names);
	if (r < 0)
		return complain(options, text, &err);
	if (ret->family != AF_UNSPEC) {
		options->selection.families = FAMILY_BIT(ret->family);
		options->selection.preferred = ret->family;
	}
	return SS_GO_ON;
}

int ss_filter_read(struct ss_options *options, char *const *words, struct filter *ret)
{
	auto_buf text = { 0 };
	int status = SS_GO_ON;

	for (; *words; words++)
		put_argument(&text, *words);
	if (options->filter_file)
		status = put_file(&text, options->filter_file);
	return status == SS_GO_ON ? parse(options, buf_text(&text), ret) : status;
}
