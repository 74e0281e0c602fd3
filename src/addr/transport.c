/* SPDX-License-Identifier: MIT */
/* One address on top of another; see transport.h. */

#include "addr/transport.h"

#include "addr/families.h"
#include "addr/ip.h"
#include "base/str.h"
#include "opt/action.h"
#include "task/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define TRANSPORT_GROUPS (GROUP_SOCKS | GROUP_HTTP | GROUP_OPENSSL)
#define CONNECTION_GROUPS (GROUP_SOCKET | GROUP_IP4 | GROUP_IP6 | GROUP_TCP | GROUP_UDP)

static const struct opt_type options[] = {
	{ "via", "let this address carry it: \"(address)\" instead of a TCP connection",
	  TRANSPORT_GROUPS, PHASE_INIT, SCOPE_TAKEN, &value_string, opt_store_text,
	  { .offset = offsetof(struct settings, via) } },
	STORED("handshake-timeout", "seconds the talk before the first data may take",
	       TRANSPORT_GROUPS, PHASE_INIT, timeval, time, handshake_timeout),
};

const struct opt_table transport_options = { options, ARRAY_SIZE(options) };

/* What is about the session or its data belongs to the address outside. */
static int check_inner_options(const struct address *a, struct err *err)
{
	static const char session[] =
		"fork max-children children-shutup retry forever interval lockfile waitlock "
		"ignoreeof readbytes escape cr crnl nofork su-d";
	bool is_program = a->type->groups & GROUP_EXEC;

	for (size_t i = 0; i < a->options.n; i++) {
		const struct option *option = &a->options.items[i];
		auto_free char *name = str_copy_n(option->type->names,
						  strcspn(option->type->names, " "));
		bool is_process = option->type->scope == SCOPE_PROCESS &&
				  (option->type->phase == PHASE_EARLY || !is_program);

		if (is_process || str_word_is(session, name))
			return err_set(err, -EINVAL,
				       "option \"%s\" is not possible in \"via\": give it to the "
				       "address outside",
				       option->name);
	}
	return 0;
}

static int check_inner(const struct address_pair *pair, struct err *err)
{
	const struct address *reading = &pair->part[0], *writing = &pair->part[pair->n - 1];
	int r = 0;

	if (!(reading->type->direction & DIR_READ) || !(writing->type->direction & DIR_WRITE))
		return err_set(err, -EINVAL, "%s cannot carry another address: it is one-way",
			       reading->type->direction & DIR_READ ? writing->keyword
								   : reading->keyword);
	for (size_t i = 0; r == 0 && i < pair->n; i++)
		r = check_inner_options(&pair->part[i], err);
	return r;
}

/* Options of a connection that this address does not make, and of who may come to it. */
static bool is_inner(const struct opt_type *type)
{
	bool is_late = type->phase == PHASE_FD || type->phase == PHASE_LATE ||
		       type->phase == PHASE_LATE2;

	if (type->groups & TRANSPORT_GROUPS || str_word_is(type->names, "accept-timeout"))
		return false;
	if (type->groups & (GROUP_LISTEN | GROUP_RANGE) ||
	    str_word_is(type->names, "connect-timeout"))
		return true;
	return type->groups & CONNECTION_GROUPS &&
	       (type->scope == SCOPE_TAKEN || (type->scope == SCOPE_FD && !is_late));
}

static int check_outer_options(const struct address *a, struct err *err)
{
	for (size_t i = 0; i < a->options.n; i++) {
		if (is_inner(a->options.items[i].type))
			return err_set(err, -EINVAL,
				       "option \"%s\" is about the connection: give it to the "
				       "address in \"via\"",
				       a->options.items[i].name);
	}
	return 0;
}

static const struct spec_word *via_value(const struct spec_single *spec)
{
	const struct spec_word *found = NULL;

	for (size_t i = 0; i < spec->n_options; i++)
		if (str_equal_nocase(spec->options[i].name.text, "via"))
			found = &spec->options[i].value;
	return found;
}

static unsigned int levels(const struct address_pair *pair)
{
	unsigned int most = 0;

	for (size_t i = 0; i < pair->n; i++)
		if (pair->part[i].via)
			most = MAX(most, levels(pair->part[i].via));
	return most + 1;
}

/* The text of an address within the text of another. */
struct inner_text {
	char *text;
	size_t at; /* column where it begins */
	bool same; /* as it stands in the source, so that columns in it are true */
};

/* In round brackets it is taken as it stands, so that it reads as it would by itself;
 * otherwise it is a value like others, of which quotes and escapes are gone. */
static int inner_text(const char *source, const struct spec_word *value, struct inner_text *ret,
		      struct err *err)
{
	bool in_brackets = source[value->at] == '(';

	if (in_brackets && (value->width < 2 || source[value->at + value->width - 1] != ')'))
		return err_at(err, value->at, value->width, -EINVAL,
			      "option \"via\": \")\" is missing at the end");
	if (in_brackets)
		*ret = (struct inner_text){ str_copy_n(source + value->at + 1, value->width - 2),
					    value->at + 1, true };
	else
		*ret = (struct inner_text){ str_copy_n(value->text, value->len), value->at,
					    value->width == value->len };
	return 0;
}

/* An error in the inner text, placed in the outer one. */
static int place(const struct spec_word *value, const struct inner_text *inner, struct err *err)
{
	if (!err)
		return -EINVAL;
	if (err->column >= 0 && inner->same) {
		err->column += (int)inner->at;
	} else {
		err->column = (int)value->at;
		err->length = (int)MAX(value->width, 1);
	}
	return err->code;
}

static int parse_value(const char *source, const struct spec_word *value,
		       const struct addr_context *context, struct address_pair *ret,
		       struct err *err)
{
	struct inner_text inner = { 0 };
	int r;

	r = inner_text(source, value, &inner, err);
	if (r < 0)
		return r;
	r = address_parse(inner.text, context, ret, err);
	if (r == 0 && levels(ret) >= TRANSPORT_LEVELS_MAX)
		r = err_set(err, -EINVAL, "more than %d addresses on top of each other",
			    TRANSPORT_LEVELS_MAX);
	if (r == 0)
		r = check_inner(ret, err);
	free(inner.text);
	return r < 0 ? place(value, &inner, err) : 0;
}

/* Who comes to the listener below comes to this one. */
static void pass_fork_on(const struct address *a)
{
	while (transport_listens(a)) {
		struct address *below = &a->via->part[0];

		below->settings.fork = true;
		a = below;
	}
}

int transport_parse(const char *source, const struct spec_single *spec,
		    const struct addr_context *context, struct address *a, struct err *err)
{
	const struct spec_word *value = via_value(spec);
	int r;

	if (!value || !a->settings.via)
		return 0;
	r = check_outer_options(a, err);
	if (r < 0)
		return r;
	a->via = new_object(struct address_pair);
	r = parse_value(source, value, context, a->via, err);
	if (r == 0 && a->type->listen && a->settings.fork && !transport_listens(a))
		return err_at(err, value->at, value->width, -EINVAL,
			      "option \"fork\": %s in \"via\" carries one session only",
			      a->via->part[0].keyword);
	if (r == 0 && a->settings.fork)
		pass_fork_on(a);
	return r;
}

static int open_and_finish(struct opening *o, struct stream **ret)
{
	const struct addr_type *type = o->address->type;
	auto_stream s = NULL;
	int r;

	r = type->listen ? transport_serve_one(o, &s) : type->open(o, &s);
	if (r == 0)
		r = opening_finish(o, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

struct opening transport_opening(const struct opening *outer, const struct address *a,
				 enum addr_direction wanted)
{
	return (struct opening){
		.address = a,
		.context = outer->context,
		.wanted = wanted,
		.env = outer->env,
		.more_attempts = outer->more_attempts,
		.err = outer->err,
	};
}

static int open_part(const struct opening *outer, const struct address *a,
		     enum addr_direction wanted, struct stream **ret)
{
	struct opening o = transport_opening(outer, a, wanted);
	struct surroundings around;
	int r;

	r = surroundings_enter(&a->settings, &around, o.err);
	if (r < 0)
		return r;
	r = open_and_finish(&o, ret);
	surroundings_leave(&around);
	return r;
}

static int open_via(const struct opening *outer, const struct address_pair *pair,
		    struct stream **ret)
{
	auto_stream reading = NULL;
	auto_stream writing = NULL;
	int r;

	if (pair->n == 1)
		return open_part(outer, &pair->part[0], DIR_BOTH, ret);
	r = open_part(outer, &pair->part[0], DIR_READ, &reading);
	if (r == 0)
		r = open_part(outer, &pair->part[1], DIR_WRITE, &writing);
	if (r < 0)
		return r;
	*ret = stream_new_joined(take_ptr(reading), take_ptr(writing));
	return 0;
}

/* Both directions, whatever is wanted of the address: it has to talk first. */
static int connect_transport(struct opening *o, const char *host, const char *service,
			     struct stream **ret)
{
	struct socket_kind kind;
	int fd, r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	fd = ip_connect(o, &kind, host, service);
	if (fd < 0)
		return fd;
	*ret = socket_stream(fd, o);
	(*ret)->rfd = (*ret)->wfd = fd;
	return 0;
}

int transport_check(struct opening *o, const struct stream *s)
{
	bool wants_packets = o->address->type->args.type == SOCK_DGRAM;

	if (s->packets != wants_packets)
		return err_set(o->err, -EINVAL, "%s needs %s, but the address in \"via\" has %s",
			       o->address->keyword, wants_packets ? "packets" : "a byte stream",
			       wants_packets ? "a byte stream" : "packets");
	return opening_apply_both(o, PHASE_FD, s->rfd, s->wfd);
}

int opening_transport(struct opening *o, const char *host, const char *service,
		      struct stream **ret)
{
	auto_stream s = NULL;
	int r;

	if (!o->address->via)
		return connect_transport(o, host, service, ret);
	(void)opening_take(o, "via");
	r = open_via(o, o->address->via, &s);
	if (r == 0)
		r = transport_check(o, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

const char *opening_transport_name(const struct opening *o, const char *host, const char *service,
				   char *out, size_t size)
{
	const struct address_pair *via = o->address->via;

	if (via)
		(void)snprintf(out, size, "%s", via->part[0].keyword);
	else
		(void)snprintf(out, size, "%s:%s", host, service);
	return out;
}

/* In classic, so-rcvtimeo ends a talk that hangs, as far as it reads blocking. */
static int64_t receive_limit(const struct stream *s)
{
	struct timeval limit = { 0 };
	socklen_t len = sizeof(limit);

	if (getsockopt(s->rfd, SOL_SOCKET, SO_RCVTIMEO, &limit, &len) < 0)
		return 0; /* no socket */
	return (int64_t)limit.tv_sec * CLOCK_US_PER_S + limit.tv_usec;
}

int64_t opening_handshake_limit(const struct opening *o, const struct stream *s,
				int64_t otherwise)
{
	int64_t said = o->address->settings.handshake_timeout;
	int64_t limits[] = { said > 0 ? said : otherwise, receive_limit(s) };
	int64_t before = task_deadline(CLOCK_NEVER), deadline = before;

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (limits[i] > 0)
			deadline = MIN(deadline, clock_after(limits[i]));
	(void)task_deadline(deadline);
	return before;
}
