/* SPDX-License-Identifier: MIT */
/* Parsing a list of options and applying it phase by phase; see opt.h. */

#include "opt/opt.h"

#include "base/log.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>


static const char *const group_names[] = {
	"FD",	 "FIFO",     "CHR",	"BLK",	 "REG",	   "SOCKET",	"NAMED",
	"OPEN",	 "EXEC",     "FORK",	"SHELL", "LISTEN", "CHILD",	"RETRY",
	"RANGE", "READLINE", "TERMIOS", "PTY",	 "PARENT", "UNIX",	"IP4",
	"IP6",	 "INTERFACE", "UDP",	"TCP",	 "SCTP",   "DCCP",	"UDPLITE",
	"SOCKS", "HTTP",     "OPENSSL", "POSIXMQ", "PROCESS", "APPL",
};
static_assert(ARRAY_SIZE(group_names) == OPT_GROUPS, "name every group");

static const char *const phase_names[] = {
	[PHASE_OFFSET] = "OFFSET",
	[PHASE_INIT] = "INIT",
	[PHASE_EARLY] = "EARLY",
	[PHASE_PREOPEN] = "PREOPEN",
	[PHASE_OPEN] = "OPEN",
	[PHASE_PASTOPEN] = "PASTOPEN",
	[PHASE_PRESOCKET] = "PRESOCKET",
	[PHASE_SOCKET] = "SOCKET",
	[PHASE_PASTSOCKET] = "PASTSOCKET",
	[PHASE_PREBIGEN] = "PREBIGEN",
	[PHASE_BIGEN] = "BIGEN",
	[PHASE_PASTBIGEN] = "PASTBIGEN",
	[PHASE_FD] = "FD",
	[PHASE_PREBIND] = "PREBIND",
	[PHASE_BIND] = "BIND",
	[PHASE_PASTBIND] = "PASTBIND",
	[PHASE_PRELISTEN] = "PRELISTEN",
	[PHASE_LISTEN] = "LISTEN",
	[PHASE_PASTLISTEN] = "PASTLISTEN",
	[PHASE_PRECONNECT] = "PRECONNECT",
	[PHASE_CONNECT] = "CONNECT",
	[PHASE_PASTCONNECT] = "PASTCONNECT",
	[PHASE_PREACCEPT] = "PREACCEPT",
	[PHASE_ACCEPT] = "ACCEPT",
	[PHASE_PASTACCEPT] = "PASTACCEPT",
	[PHASE_CONNECTED] = "CONNECTED",
	[PHASE_PREFORK] = "PREFORK",
	[PHASE_FORK] = "FORK",
	[PHASE_PASTFORK] = "PASTFORK",
	[PHASE_LATE] = "LATE",
	[PHASE_LATE2] = "LATE2",
	[PHASE_PREEXEC] = "PREEXEC",
	[PHASE_EXEC] = "EXEC",
	[PHASE_PASTEXEC] = "PASTEXEC",
	[PHASE_SPECIFIC] = "SPECIFIC",
};
static_assert(ARRAY_SIZE(phase_names) == OPT_PHASES, "name every phase");

const char *opt_group_name(unsigned int bit)
{
	return group_names[bit];
}

const char *opt_phase_name(enum opt_phase phase)
{
	return phase_names[phase];
}

bool opt_exists(const struct opt_type *type)
{
	return type->args.name != -1 && type->args.bit != -1;
}

const struct opt_type *opt_find(opt_catalogue catalogue, const char *name)
{
	for (opt_catalogue table = catalogue; *table; table++)
		for (size_t i = 0; i < (*table)->n; i++)
			if (str_word_is((*table)->rows[i].names, name) &&
			    opt_exists(&(*table)->rows[i]))
				return &(*table)->rows[i];
	return NULL;
}

/* The name nearest to a mistyped one, among those the address would take. */
static void suggest(opt_catalogue catalogue, const char *name, opt_groups accepted,
		    struct err *err)
{
	auto_free char *nearest = NULL;
	unsigned int best = UINT_MAX;
	size_t len;

	for (opt_catalogue table = catalogue; *table; table++) {
		for (size_t i = 0; i < (*table)->n; i++) {
			const struct opt_type *type = &(*table)->rows[i];

			if (!(type->groups & accepted) || !opt_exists(type))
				continue;
			for (const char *w = str_word(type->names, &len); w;
			     w = str_word(w + len, &len)) {
				auto_free char *candidate = str_copy_n(w, len);

				if (str_is_nearer(name, candidate, &best)) {
					free(nearest);
					nearest = take_ptr(candidate);
				}
			}
		}
	}
	if (nearest)
		err_add(err, "; did you mean \"%s\"?", nearest);
}

static int parse_one(opt_catalogue catalogue, const struct spec_option *given, opt_groups accepted,
		     struct option *ret, struct err *err)
{
	const struct spec_word *name = &given->name;
	const struct opt_type *type = opt_find(catalogue, name->text);
	int r;

	if (!type) {
		r = err_at(err, name->at, name->width, -EINVAL,
			   "parseopts_table(): unknown option \"%s\"", name->text);
		suggest(catalogue, name->text, accepted, err);
		return r;
	}
	if (!(type->groups & accepted))
		return err_at(
			err, name->at, name->width, -EINVAL,
			"parseopts_table(): option \"%s\" not supported with this address type",
			name->text);
	if (!given->has_value && !type->value->optional)
		return err_at(err, name->at, name->width, -EINVAL, "option \"%s\": value required",
			      name->text);

	*ret = (struct option){ .type = type, .name = name->text };
	ret->value.given = given->has_value;
	ret->value.len = given->value.len;
	return type->value->parse(name->text, given->has_value ? &given->value : NULL, &ret->value,
				  err);
}

static bool is_stored(const struct opt_type *type)
{
	return type->scope == SCOPE_SETTINGS || type->scope == SCOPE_TAKEN;
}

/* The next of the list; on failure the list is as it was. */
static int parse_next(opt_catalogue catalogue, const struct spec_option *given, opt_groups accepted,
		      void *settings, struct opt_list *list, struct err *err)
{
	struct opt_target store = { .settings = settings };
	struct option *option = &list->items[list->n];
	int r;

	r = parse_one(catalogue, given, accepted | GROUP_PROCESS | GROUP_APPL, option, err);
	if (r == 0 && is_stored(option->type))
		r = option->type->action(option, &store, -1, err);
	if (r < 0)
		free(take_ptr(option->value.text));
	else
		list->n++;
	return r;
}

int opt_parse(opt_catalogue catalogue, const struct spec_single *spec, opt_groups accepted,
	      void *settings, struct opt_list *ret, struct err *err)
{
	struct opt_list list = { .items = mem_new(spec->n_options, sizeof(struct option)) };
	int r = 0;

	for (size_t i = 0; r == 0 && i < spec->n_options; i++)
		r = parse_next(catalogue, &spec->options[i], accepted, settings, &list, err);
	if (r < 0) {
		opt_list_done(&list);
		return r;
	}
	*ret = list;
	return 0;
}

void opt_parse_what_can_be(opt_catalogue catalogue, const struct spec_single *spec,
			   opt_groups accepted, void *settings, struct opt_list *ret)
{
	struct opt_list list = { .items = mem_new(spec->n_options, sizeof(struct option)) };

	for (size_t i = 0; i < spec->n_options; i++) {
		struct err err;

		if (parse_next(catalogue, &spec->options[i], accepted, settings, &list, &err) < 0)
			log_error("%s", err.text);
	}
	*ret = list;
}

void opt_list_done(struct opt_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->items[i].value.text);
	free(list->items);
	*list = (struct opt_list){ 0 };
}

static bool is_used(const struct opt_used *used, size_t i)
{
	return used->bits[i / 64] >> (i % 64) & 1;
}

static void mark(struct opt_used *used, size_t i, bool on)
{
	uint64_t bit = (uint64_t)1 << (i % 64);

	used->bits[i / 64] = on ? used->bits[i / 64] | bit : used->bits[i / 64] & ~bit;
}

static int apply_one(const struct option *option, const struct opt_target *target, struct err *err)
{
	size_t n = MAX(target->n_fds, (size_t)1);
	int r = 0;

	/* What touches the process or a path is done once, not per descriptor. */
	if (option->type->scope != SCOPE_FD)
		n = 1;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = option->type->action(option, target, target->n_fds ? target->fd[i] : -1, err);
	return r;
}

int opt_apply(const struct opt_list *list, struct opt_used *used, enum opt_phase phase,
	      const struct opt_target *target, struct err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct option *option = &list->items[i];
		int r;

		if (option->type->phase != phase || !option->type->action || is_used(used, i) ||
		    is_stored(option->type))
			continue;
		if (target->only && !(option->type->groups & target->only))
			continue;
		mark(used, i, true);
		r = apply_one(option, target, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int apply_scope_of_phase(const struct opt_list *list, struct opt_used *used,
				enum opt_scope scope, enum opt_phase phase, struct err *err)
{
	static const struct opt_target target = { .fd = { -1, -1 } };

	for (size_t i = 0; i < list->n; i++) {
		const struct option *option = &list->items[i];
		int r;

		if (option->type->phase != phase || option->type->scope != scope ||
		    !option->type->action || is_used(used, i))
			continue;
		mark(used, i, true);
		r = apply_one(option, &target, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int opt_apply_scope(const struct opt_list *list, struct opt_used *used, enum opt_scope scope,
		    struct err *err)
{
	int r = 0;

	for (enum opt_phase phase = 0; r == 0 && phase < OPT_PHASES; phase++)
		r = apply_scope_of_phase(list, used, scope, phase, err);
	return r;
}

void opt_use_scope(const struct opt_list *list, struct opt_used *used, enum opt_scope scope)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].type->scope == scope)
			mark(used, i, true);
}

void opt_reuse(const struct opt_list *list, struct opt_used *used, enum opt_phase phase)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].type->phase == phase)
			mark(used, i, false);
}

const struct option *opt_take(const struct opt_list *list, struct opt_used *used, const char *name)
{
	const struct option *found = NULL;

	for (size_t i = 0; i < list->n; i++) {
		if (!str_word_is(list->items[i].type->names, name))
			continue;
		mark(used, i, true);
		found = &list->items[i];
	}
	return found;
}

long opt_collect_flags(const struct opt_list *list, struct opt_used *used, opt_action *action,
		       long flags)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct option *option = &list->items[i];
		const struct opt_args *args = &option->type->args;

		if (option->type->action != action)
			continue;
		mark(used, i, true);
		if (args->mask)
			flags = (flags & ~args->mask) | args->bit;
		else if (option->value.number[0])
			flags |= args->bit;
		else
			flags &= ~args->bit;
	}
	return flags;
}

const struct option *opt_unused(const struct opt_list *list, const struct opt_used *used,
				size_t *ret_count)
{
	const struct option *first = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < list->n; i++) {
		if (is_used(used, i) || list->items[i].type->scope == SCOPE_SETTINGS)
			continue;
		if (!first)
			first = &list->items[i];
		(*ret_count)++;
	}
	return first;
}

const struct option *opt_get(const struct opt_list *list, const char *name)
{
	for (size_t i = list->n; i > 0; i--)
		if (str_word_is(list->items[i - 1].type->names, name))
			return &list->items[i - 1];
	return NULL;
}

bool opt_given(const struct opt_list *list, const char *name)
{
	return opt_get(list, name) != NULL;
}

bool opt_has_scope(const struct opt_list *list, enum opt_scope scope)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].type->scope == scope)
			return true;
	return false;
}
