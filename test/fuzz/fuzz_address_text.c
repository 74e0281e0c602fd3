/* SPDX-License-Identifier: MIT */
/* Text to address, through keyword, parameters and the options of all tables.
 * Nothing is opened; networks given by name are left out (numeric_range.h). */

#include "addr/transport.h"
#include "base/str.h"
#include "numeric_range.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4096 };

static void check(bool fine)
{
	if (!fine)
		abort();
}

/* Would this text have a name looked up? */
static bool asks_network(const char *text)
{
	auto_spec spec = { 0 };
	struct err err;

	if (spec_parse(text, &spec, &err) < 0)
		return false;
	for (size_t i = 0; i < spec.n; i++)
		for (size_t k = 0; k < spec.single[i].n_options; k++) {
			const struct spec_option *o = &spec.single[i].options[k];

			if (o->has_value && str_equal_nocase(o->name.text, "range") &&
			    !is_numeric_range(o->value.text))
				return true;
			if (o->has_value && str_equal_nocase(o->name.text, "via") &&
			    strcasestr(o->value.text, "range"))
				return true;
		}
	return false;
}

/* The addresses that stand on each other are no more than is permitted. */
static unsigned int levels(const struct address *a)
{
	unsigned int most = 0;

	for (size_t i = 0; a->via && i < a->via->n; i++)
		most = MAX(most, levels(&a->via->part[i]));
	return most + 1;
}

static void check_address(const struct address *a, bool any_group)
{
	const opt_groups taken = a->type->groups | GROUP_PROCESS | GROUP_APPL;

	check(a->type && a->keyword && a->n_params <= ADDR_PARAMS_MAX);
	check(a->n_params >= a->type->min_params && a->n_params <= a->type->max_params);
	check(levels(a) <= TRANSPORT_LEVELS_MAX);
	for (size_t i = 0; i < a->n_params; i++)
		check(a->params[i] && strlen(a->params[i]) <= a->param_len[i]);
	for (size_t i = 0; i < a->options.n; i++) {
		const struct option *o = &a->options.items[i];

		check(opt_find(addr_options, o->name) == o->type);
		check(any_group || o->type->groups & taken);
	}
}

static void parse(const char *text, bool any_group)
{
	const struct addr_context context = { .program = "socat",
					      .env_prefix = "SOCAT_",
					      .block_size = 8192,
					      .any_group = any_group };
	auto_address_pair pair = { 0 };
	struct err err = { .column = -1 };

	if (address_parse(text, &context, &pair, &err) < 0) {
		check(*err.text && err.column <= (int)strlen(text) && pair.n == 0);
		return;
	}
	check(pair.n == 1 || pair.n == 2);
	for (size_t i = 0; i < pair.n; i++)
		check_address(&pair.part[i], any_group);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (asks_network(text))
		return 0;

	parse(text, false);
	parse(text, true);
	return 0;
}
