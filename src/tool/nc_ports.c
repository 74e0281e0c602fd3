/* SPDX-License-Identifier: MIT */
/* Port operands; see nc_ports.h.  A whole word that is a service name wins
 * over a range, so that `ftp-data` and `3com-tsmux` mean what they say. */

#include "tool/nc_ports.h"

#include "base/str.h"
#include "tool/nc_number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nc_ports_done(struct nc_ports *list)
{
	free(list->items);
	*list = (struct nc_ports){ 0 };
}

static void add_range(struct nc_ports *list, uint16_t low, uint16_t high)
{
	size_t n = (size_t)high - low + 1;

	list->items = mem_resize(list->items, list->n + n, sizeof(*list->items));
	for (size_t i = 0; i < n; i++)
		list->items[list->n++] = (uint16_t)(low + i);
}

static bool looks_like_number(const char *word)
{
	while (isspace((unsigned char)*word))
		word++;
	if (*word == '+' || *word == '-')
		word++;
	return word[strspn(word, "0123456789")] == '\0';
}

/* One end of a range, or a whole operand that is none. */
static int parse_port(const char *word, const struct nc_services *services, uint16_t *ret,
		      struct err *err)
{
	const char *why;
	long long number;

	if (!looks_like_number(word)) {
		if (services->find(services->context, word, ret) < 0)
			return err_set(err, -EINVAL, "service \"%s\" unknown", word);
		return 0;
	}
	if (nc_number(word, 1, UINT16_MAX, &number, &why) < 0)
		return err_set(err, -EINVAL, "port number %s: %s", why, word);
	*ret = (uint16_t)number;
	return 0;
}

int nc_ports_add(struct nc_ports *list, const char *word, const struct nc_services *services,
		 struct err *err)
{
	const char *dash = strchr(word, '-');
	auto_free char *lower = NULL;
	uint16_t low, high;
	int r;

	if (!isdigit((unsigned char)*word) || !dash ||
	    services->find(services->context, word, &low) == 0) {
		r = parse_port(word, services, &low, err);
		if (r < 0)
			return r;

		add_range(list, low, low);
		return 0;
	}

	lower = str_copy_n(word, (size_t)(dash - word));
	r = parse_port(dash + 1, services, &high, err);
	if (r < 0)
		return r;
	r = parse_port(lower, services, &low, err);
	if (r < 0)
		return r;

	add_range(list, MIN(low, high), MAX(low, high));
	return 0;
}

void nc_ports_shuffle(struct nc_ports *list, size_t (*random)(size_t limit))
{
	for (size_t i = list->n; i > 1; i--) {
		size_t other = random(i);
		uint16_t port = list->items[i - 1];

		list->items[i - 1] = list->items[other];
		list->items[other] = port;
	}
}
