/* SPDX-License-Identifier: MIT */
/*
 * Lines, fields, lists, patterns; see hosts_access.h.
 *
 *	line	daemons : clients [: option]...		colons in [...] do not count
 *	list	pattern... [EXCEPT list]		blanks or commas in between
 *
 * Questions answer 1 (yes), 0 (no) or a negative error.
 */

#include "addr/hosts_access.h"

#include "base/num.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { WORD_MAX = 512, FIELDS_MAX = 3, V4_BITS = 32, V6_BITS = 128 };

/* A piece of the text. */
struct span {
	const char *at;
	size_t len;
};

/* The client, prepared. */
struct client {
	const struct hosts_client *given;
	int family; /* AF_INET, AF_INET6; AF_UNSPEC: no IP address */
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN]; /* or "unknown" */
	bool in_file;		     /* patterns come from a file: no further files */
};

typedef int match_pattern(const char *pattern, void *context, struct err *err);

static bool is_separator(char c)
{
	return c == ',' || isspace((unsigned char)c);
}

/* Takes the next word off the list; false: there is none. */
static bool next_word(struct span *list, struct span *ret)
{
	size_t len = 0;

	while (list->len && is_separator(*list->at)) {
		list->at++;
		list->len--;
	}
	while (len < list->len && !is_separator(list->at[len]))
		len++;
	*ret = (struct span){ list->at, len };
	list->at += len;
	list->len -= len;
	return len > 0;
}

static bool is_word(const struct span *word, const char *text)
{
	return word->len == strlen(text) && strncasecmp(word->at, text, word->len) == 0;
}

/* Does one of the words before EXCEPT match, and none of the list behind it? */
static int match_list(struct span list, match_pattern *match, void *context, struct err *err)
{
	bool result = false, excepting = false, found = false;
	char pattern[WORD_MAX];
	struct span word;
	int depth = 0, r;

	/* a EXCEPT b EXCEPT c is a EXCEPT (b EXCEPT c): the last part that matches decides. */
	while (next_word(&list, &word)) {
		if (is_word(&word, "EXCEPT")) {
			if (!found)
				return result;
			depth++;
			excepting = depth % 2;
			found = false;
			continue;
		}
		if (found)
			continue;
		if (word.len >= sizeof(pattern))
			return err_set(err, -EINVAL, "a pattern of %zu bytes", word.len);
		memcpy(pattern, word.at, word.len);
		pattern[word.len] = '\0';
		r = match(pattern, context, err);
		if (r < 0)
			return r;
		if (r > 0) {
			found = true;
			result = !excepting;
		}
	}
	return result;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* A text, with * for any characters and ? for one.  After a mismatch only the last star
 * may take one character more, so the time is bounded by the product of the lengths. */
static bool matches_text(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (*pattern == '?' || (*pattern && same_letter(*pattern, *text))) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++again;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

static int match_daemon(const char *pattern, void *context, struct err *err)
{
	size_t len = strcspn(pattern, "@");
	auto_free char *daemon = str_copy_n(pattern, len);

	if (!str_equal_nocase(daemon, "ALL") && !matches_text(daemon, context))
		return 0;
	if (pattern[len])
		return err_set(err, -EINVAL, "\"%s\": servers are not supported", pattern);
	return 1;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, size_t bits)
{
	size_t whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

/* address/bits or address/mask */
static int match_net4(const char *pattern, const char *slash, const struct client *c,
		      struct err *err)
{
	auto_free char *host = str_copy_n(pattern, (size_t)(slash - pattern));
	uint8_t address[4], mask[4];
	long long bits;

	if (inet_pton(AF_INET, host, address) != 1)
		return err_set(err, -EINVAL, "\"%s\" is no network", pattern);
	if (num_parse_decimal(slash + 1, 0, V4_BITS, &bits) == 0)
		return c->family == AF_INET && same_bits(address, c->bytes, (size_t)bits);
	if (inet_pton(AF_INET, slash + 1, mask) != 1)
		return err_set(err, -EINVAL, "\"%s\" has no mask", pattern);
	if (c->family != AF_INET)
		return 0;
	for (size_t i = 0; i < sizeof(mask); i++)
		if ((c->bytes[i] & mask[i]) != address[i])
			return 0;
	return 1;
}

/* [address] or [address]/bits */
static int match_net6(const char *pattern, const struct client *c, struct err *err)
{
	const char *end = strchr(pattern, ']');
	auto_free char *host = NULL;
	long long bits = V6_BITS;
	uint8_t address[16];

	if (!end)
		return err_set(err, -EINVAL, "\"%s\" has no \"]\"", pattern);
	host = str_copy_n(pattern + 1, (size_t)(end - pattern - 1));
	if (inet_pton(AF_INET6, host, address) != 1 ||
	    (end[1] && (end[1] != '/' || num_parse_decimal(end + 2, 0, V6_BITS, &bits) < 0)))
		return err_set(err, -EINVAL, "\"%s\" is no network", pattern);
	return c->family == AF_INET6 && same_bits(address, c->bytes, (size_t)bits);
}

static int match_client(const char *pattern, void *context, struct err *err);

static int match_file(const char *path, struct client *c, struct err *err)
{
	auto_free char *text = NULL;
	int r;

	if (c->in_file)
		return err_set(err, -EINVAL, "\"%s\": a file of patterns names another", path);
	r = c->given->read(c->given->context, path, &text, err);
	if (r < 0)
		return r;
	c->in_file = true;
	r = match_list((struct span){ text, strlen(text) }, match_client, c, err);
	c->in_file = false;
	return r;
}

static const char *name_of(const struct client *c)
{
	return c->given->name(c->given->context);
}

static bool is_known(const char *name)
{
	return !str_equal_nocase(name, HOSTS_UNKNOWN) && !str_equal_nocase(name, HOSTS_PARANOID);
}

/* The words that stand for groups of clients; -1: it is none of them. */
static int match_wildcard(const char *pattern, const struct client *c)
{
	if (str_equal_nocase(pattern, "ALL"))
		return 1;
	if (str_equal_nocase(pattern, "KNOWN"))
		return c->family && is_known(name_of(c));
	if (str_equal_nocase(pattern, "UNKNOWN"))
		return !c->family || str_equal_nocase(name_of(c), HOSTS_UNKNOWN);
	if (str_equal_nocase(pattern, "PARANOID"))
		return str_equal_nocase(name_of(c), HOSTS_PARANOID);
	if (str_equal_nocase(pattern, "LOCAL"))
		return is_known(name_of(c)) && !strchr(name_of(c), '.');
	return -1;
}

/* Digits and dots only: never a name. */
static bool is_numeric(const char *pattern)
{
	return pattern[strspn(pattern, "0123456789./")] == '\0';
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return len > tail && str_equal_nocase(name + len - tail, suffix);
}

static int match_text(const char *pattern, const struct client *c)
{
	size_t len = strlen(pattern);

	if (*pattern == '.')
		return ends_with(name_of(c), pattern);
	if (pattern[len - 1] == '.')
		return str_begins(c->text, pattern);
	if (matches_text(pattern, c->text))
		return 1;
	return !is_numeric(pattern) && matches_text(pattern, name_of(c));
}

static int match_client(const char *pattern, void *context, struct err *err)
{
	struct client *c = context;
	const char *slash = strchr(pattern, '/');
	int r;

	if (*pattern == '[')
		return match_net6(pattern, c, err);
	if (*pattern == '/')
		return match_file(pattern, c, err);
	if (strchr(pattern, '@'))
		return err_set(err, -EINVAL, "\"%s\": users and netgroups are not supported",
			       pattern);
	if (slash)
		return match_net4(pattern, slash, c, err);
	r = match_wildcard(pattern, c);
	return r >= 0 ? r : match_text(pattern, c);
}

/* Cuts a line at its colons, but not within brackets; the last field has the rest. */
static size_t split(struct span line, struct span fields[FIELDS_MAX])
{
	size_t n = 0, start = 0;
	bool bracket = false;

	for (size_t i = 0; i < line.len && n < FIELDS_MAX - 1; i++) {
		bracket = line.at[i] == '[' || (bracket && line.at[i] != ']');
		if (line.at[i] != ':' || bracket)
			continue;
		fields[n++] = (struct span){ line.at + start, i - start };
		start = i + 1;
	}
	fields[n++] = (struct span){ line.at + start, line.len - start };
	return n;
}

static int parse_option(struct span text, enum hosts_verdict *ret, struct err *err)
{
	struct span word, more;

	if (next_word(&text, &word) && !next_word(&text, &more)) {
		if (is_word(&word, "allow") || is_word(&word, "deny")) {
			*ret = is_word(&word, "allow") ? HOSTS_ALLOW : HOSTS_DENY;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "the only options are \"allow\" and \"deny\"");
}

static bool is_empty(struct span list)
{
	struct span word;

	return !next_word(&list, &word);
}

static int evaluate_line(struct span line, const char *daemon, struct client *c,
			 enum hosts_verdict plain, enum hosts_verdict *ret, struct err *err)
{
	struct span fields[FIELDS_MAX];
	size_t n = split(line, fields);
	auto_free char *copy = str_copy(daemon);
	int r;

	if (n < 2 || is_empty(fields[0]) || is_empty(fields[1]))
		return err_set(err, -EINVAL, "\"daemons : clients\" is expected");
	r = match_list(fields[0], match_daemon, copy, err);
	if (r > 0)
		r = match_list(fields[1], match_client, c, err);
	if (r <= 0)
		return r;
	*ret = plain;
	return n > 2 ? parse_option(fields[2], ret, err) : 0;
}

static void prepare(const struct hosts_client *given, struct client *ret)
{
	struct net_address a = *given->address;

	*ret = (struct client){ .given = given, .text = HOSTS_UNKNOWN };
	if (a.len == 0)
		return;
	(void)net_address_unmap(&a);
	if (a.any.sa_family == AF_INET) {
		ret->family = AF_INET;
		memcpy(ret->bytes, &a.in.sin_addr, 4);
	} else if (a.any.sa_family == AF_INET6) {
		ret->family = AF_INET6;
		memcpy(ret->bytes, &a.in6.sin6_addr, 16);
	}
	if (ret->family)
		(void)inet_ntop(ret->family, ret->bytes, ret->text, sizeof(ret->text));
}

/* One line of the text, with those that a backslash continues joined to it. */
static char *next_line(const char **text, int *number)
{
	char *line = mem_new(strlen(*text) + 1, 1);
	size_t len = 0;

	for (bool more = true; more && **text;) {
		size_t piece = strcspn(*text, "\n");
		bool ended = (*text)[piece] == '\n';

		more = ended && piece > 0 && (*text)[piece - 1] == '\\';
		memcpy(line + len, *text, piece);
		len += more ? piece - 1 : piece;
		*text += piece + ended;
		(*number)++;
	}
	line[len] = '\0';
	return line;
}

int hosts_evaluate(const char *text, const char *daemon, const struct hosts_client *client,
		   enum hosts_verdict plain, enum hosts_verdict *ret, struct err *err)
{
	enum hosts_verdict verdict = HOSTS_NO_MATCH;
	struct client c;
	int number = 0, r = 0;

	prepare(client, &c);
	while (*text && verdict == HOSTS_NO_MATCH) {
		int first = number + 1;
		auto_free char *line = next_line(&text, &number);
		struct span span = { line, strlen(line) };

		if (*line == '#' || is_empty(span))
			continue;
		r = evaluate_line(span, daemon, &c, plain, &verdict, err);
		if (r < 0) {
			err_add(err, " (line %d)", first);
			return r;
		}
	}
	*ret = verdict;
	return 0;
}
