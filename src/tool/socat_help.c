/* SPDX-License-Identifier: MIT */
/* -V and -h; see socat_help.h.  The lists are sorted here, never by hand, and say
 * only what the tables of addr/ have. */

#include "tool/socat_help.h"

#include "addr/addr.h"
#include "base/buf.h"
#include "base/str.h"
#include "tool/socat_options.h"
#include "tool/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* A feature is there when its address or option is. */
static const struct feature {
	const char *name, *address, *option;
} features[] = {
	{ "HELP", NULL, NULL },
	{ "STATS", NULL, NULL },
	{ "STDIO", "STDIO", NULL },
	{ "FDNUM", "FD", NULL },
	{ "FILE", "OPEN", NULL },
	{ "CREAT", "CREATE", NULL },
	{ "GOPEN", "GOPEN", NULL },
	{ "TERMIOS", NULL, "echo" },
	{ "PIPE", "PIPE", NULL },
	{ "STALL", "STALL", NULL },
	{ "TEXT", "TEXT", NULL },
	{ "SOCKETPAIR", "SOCKETPAIR", NULL },
	{ "UNIX", "UNIX-CONNECT", NULL },
	{ "ABSTRACT_UNIXSOCKET", "ABSTRACT-CONNECT", NULL },
	{ "IP4", "TCP4", NULL },
	{ "IP6", "TCP6", NULL },
	{ "RAWIP", "IP-SENDTO", NULL },
	{ "GENERICSOCKET", "SOCKET-CONNECT", NULL },
	{ "INTERFACE", "INTERFACE", NULL },
	{ "TCP", "TCP", NULL },
	{ "UDP", "UDP", NULL },
	{ "SCTP", "SCTP", NULL },
	{ "DCCP", "DCCP", NULL },
	{ "UDPLITE", "UDPLITE", NULL },
	{ "LISTEN", "TCP-LISTEN", NULL },
	{ "POSIXMQ", "POSIXMQ", NULL },
	{ "SOCKS4", "SOCKS4", NULL },
	{ "SOCKS4A", "SOCKS4A", NULL },
	{ "SOCKS5", "SOCKS5", NULL },
	{ "VSOCK", "VSOCK", NULL },
	{ "NAMESPACES", NULL, "netns" },
	{ "PROXY", "PROXY", NULL },
	{ "SYSTEM", "SYSTEM", NULL },
	{ "SHELL", "SHELL", NULL },
	{ "EXEC", "EXEC", NULL },
	{ "READLINE", "READLINE", NULL },
	{ "TUN", "TUN", NULL },
	{ "PTY", "PTY", NULL },
	{ "OPENSSL", "OPENSSL", NULL },
	{ "FIPS", NULL, "" }, /* up to the library's providers, not to the build */
	{ "LIBWRAP", NULL, "tcpwrap" },
	{ "SYCLS", NULL, "sycls" },
	{ "FILAN", NULL, NULL },
	{ "RETRY", NULL, "retry" },
	{ "DEVTESTS", NULL, "devtests" },
};

static bool has(const struct feature *f)
{
	if (f->address)
		return addr_find(f->address) != NULL;
	return !f->option || opt_find(addr_options, f->option) != NULL;
}

void socat_print_version(void)
{
	struct utsname system = { 0 };

	(void)uname(&system);
	printf("socat as spoken by sockbox " SOCKBOX_VERSION ", under the MIT licence\n");
	printf("socat version " SOCAT_VERSION " on 26 Nov 2026 00:00:00\n");
	printf("   running on %s version %s, release %s, machine %s\n", system.sysname,
	       system.version, system.release, system.machine);
	printf("features:\n");
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		printf(has(&features[i]) ? "  #define WITH_%s 1\n" : "  #undef WITH_%s\n",
		       features[i].name);
	printf("  #define WITH_MSGLEVEL 0 /*debug*/\n  #define WITH_DEFAULT_IPV 4\n");
}

/* Scripts ask for the help hundreds of times, and it has a thousand lines: they are put
 * together without formats. */
struct line {
	const char *name; /* in the row, of this length */
	size_t len;
	char *description;
};

/* Lines that are to be sorted before they are printed. */
struct lines {
	struct line *items;
	size_t n;
};

static void add_line(struct lines *lines, const char *name, size_t len, const char *description)
{
	lines->items = mem_resize(lines->items, lines->n + 1, sizeof(*lines->items));
	lines->items[lines->n++] = (struct line){ name, len, str_copy(description) };
}

/* By the name alone, in the order of its bytes. */
static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = memcmp(x->name, y->name, MIN(x->len, y->len));

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void print_sorted(struct lines *lines)
{
	qsort(lines->items, lines->n, sizeof(*lines->items), compare_lines);
	for (size_t i = 0; i < lines->n; i++) {
		(void)fputs("      ", stdout);
		(void)fwrite(lines->items[i].name, 1, lines->items[i].len, stdout);
		(void)puts(lines->items[i].description);
		free(lines->items[i].description);
	}
	free(lines->items);
	*lines = (struct lines){ 0 };
}

static void put_groups(struct buf *out, opt_groups groups)
{
	const char *comma = "";

	buf_put_text(out, "groups=");
	for (unsigned int bit = 0; bit < OPT_GROUPS; bit++) {
		if (!(groups >> bit & 1))
			continue;
		buf_put_text(out, comma);
		buf_put_text(out, opt_group_name(bit));
		comma = ",";
	}
}

/* One line for the canonical name, and, unless alias is NULL, one for each of the
 * others, which it says they are. */
static void add_names(struct lines *lines, const char *names, const char *description,
		      const char *alias)
{
	size_t len, alias_len;
	const char *first = str_word(names, &len);
	auto_buf text = { 0 };

	add_line(lines, first, len, description);
	if (!alias)
		return;
	buf_put_text(&text, "\t\tis an ");
	buf_put_text(&text, alias);
	buf_put_text(&text, " for ");
	buf_put(&text, first, len);
	for (const char *w = str_word(first + len, &alias_len); w;
	     w = str_word(w + alias_len, &alias_len))
		add_line(lines, w, alias_len, buf_text(&text));
}

static void print_addresses(bool aliases)
{
	struct lines lines = { 0 };

	for (const struct addr_table *const *table = addr_tables; *table; table++) {
		for (size_t i = 0; i < (*table)->n; i++) {
			const struct addr_type *type = &(*table)->rows[i];
			auto_buf text = { 0 };

			buf_put_text(&text, type->params);
			buf_put_text(&text, "\t\t");
			put_groups(&text, type->groups);
			add_names(&lines, type->names, buf_text(&text),
				  aliases ? "alias name" : NULL);
		}
	}
	print_sorted(&lines);
}

static void print_options(bool aliases)
{
	struct lines lines = { 0 };

	for (opt_catalogue table = addr_options; *table; table++) {
		for (size_t i = 0; i < (*table)->n; i++) {
			const struct opt_type *type = &(*table)->rows[i];
			auto_buf text = { 0 };

			if (!opt_exists(type))
				continue;
			buf_put_text(&text, "\t");
			put_groups(&text, type->groups);
			buf_put_text(&text, "\t\tphase=");
			buf_put_text(&text, opt_phase_name(type->phase));
			buf_put_text(&text, "\t\ttype=");
			buf_put_text(&text, type->value->name);
			add_names(&lines, type->names, buf_text(&text),
				  aliases ? "alias" : NULL);
		}
	}
	print_sorted(&lines);
}

void socat_print_help(int detail)
{
	printf("socat as spoken by sockbox " SOCKBOX_VERSION ": relay data between two addresses\n"
	       "Usage:\nsocat [options] <bi-address> <bi-address>\n   options:\n");
	socat_print_option_help();
	printf("   bi-address:\n"
	       "      <single-address>!!<single-address>\n"
	       "      <single-address>\n"
	       "   single-address:\n"
	       "      <address-head>[,<opts>]\n"
	       "   Names may be written in small letters, too; a number names the version of IP,\n"
	       "   as in tcp4-listen tcp6-listen udp4-recv udp6-recv sctp4-listen sctp6-listen.\n"
	       "   address-head:\n");
	print_addresses(detail >= SOCAT_HELP_OPTIONS);
	if (detail < SOCAT_HELP_OPTIONS)
		return;
	printf("   opts:\n      <opt>{,<opts>}\n   opt:\n");
	print_options(detail >= SOCAT_HELP_ALIASES);
}
