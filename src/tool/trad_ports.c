/* SPDX-License-Identifier: MIT */
/* Port operands of the traditional netcat: ranges count down; see trad_ports.h. */

#include "tool/trad_ports.h"

#include "base/num.h"
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* The first hyphen that no backslash protects. */
static const char *find_hyphen(const char *word)
{
	for (; *word; word++) {
		if (*word == '\\' && word[1])
			word++;
		else if (*word == '-')
			return word;
	}
	return NULL;
}

static void drop_backslashes(char *text)
{
	char *to = text;

	for (; *text; *to++ = *text++)
		if (*text == '\\' && text[1])
			text++;
	*to = '\0';
}

static int parse_port(char *word, const struct nc_services *services, uint16_t *ret,
		      struct err *err)
{
	long long number;

	drop_backslashes(word);
	if (num_parse_decimal(word, 1, UINT16_MAX, &number) == 0) {
		*ret = (uint16_t)number;
		return 0;
	}
	if (!isdigit((unsigned char)*word) && *word &&
	    services->find(services->context, word, ret) == 0)
		return 0;
	return err_set(err, -EINVAL, "invalid port %s", word);
}

int trad_ports_add(struct nc_ports *list, const char *word, const struct nc_services *services,
		   struct err *err)
{
	const char *hyphen = find_hyphen(word);
	auto_free char *first = hyphen ? str_copy_n(word, (size_t)(hyphen - word)) : str_copy(word);
	auto_free char *second = hyphen ? str_copy(hyphen + 1) : NULL;
	uint16_t low, high;
	int r = parse_port(first, services, &low, err);

	high = low;
	if (r == 0 && second)
		r = parse_port(second, services, &high, err);
	if (r < 0)
		return r;
	list->items = mem_resize(list->items, list->n + (size_t)MAX(high, low) - MIN(high, low) + 1,
				 sizeof(*list->items));
	for (int port = MAX(high, low); port >= MIN(high, low); port--)
		list->items[list->n++] = (uint16_t)port;
	return 0;
}
