/* SPDX-License-Identifier: MIT */
/* All address families and option tables, and text to address. */

#include "addr/addr.h"

#include "addr/families.h"
#include "addr/identity.h"
#include "addr/openssl.h"
#include "addr/transport.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

const struct addr_table *const addr_tables[] = {
	&stdio_addresses,     &file_addresses,	    &memory_addresses,
	&program_addresses,   &tcp_addresses,	    &udp_addresses,
	&unix_addresses,      &accept_fd_addresses, &pty_addresses,
	&udplite_addresses,   &sctp_addresses,	    &dccp_addresses,
	&rawip_addresses,     &generic_addresses,   &vsock_addresses,
	&interface_addresses, &tun_addresses,	    &openssl_addresses,
	&socks_addresses,     &proxy_addresses,	    &posixmq_addresses,
	&readline_addresses,  NULL,
};

const struct opt_table *const addr_options[] = {
	&flow_options,
	&fd_options,
	&file_options,
	&process_options,
	&session_options,
	&program_options,
	&socket_options,
	&ip_options,
	&inode_options,
	&tcpwrap_options,
	&multicast_options,
	&resolver_options,
	&tcp_options,
	&unix_options,
	&termios_options,
	&pty_options,
	&udplite_options,
	&sctp_options,
	&dccp_options,
	&interface_options,
	&tun_options,
	&openssl_options,
	&transport_options,
	&socks_options,
	&proxy_options,
	&posixmq_options,
	&readline_options,
	NULL,
};

const struct addr_type *addr_find(const char *keyword)
{
	for (const struct addr_table *const *table = addr_tables; *table; table++)
		for (size_t i = 0; i < (*table)->n; i++)
			if (str_word_is((*table)->rows[i].names, keyword))
				return &(*table)->rows[i];
	return NULL;
}

static int unknown(const struct spec_single *s, struct err *err)
{
	const struct spec_word *word = &s->keyword;
	auto_free char *nearest = NULL;
	unsigned int best = UINT_MAX;
	size_t len;
	int r;

	for (const struct addr_table *const *table = addr_tables; *table; table++) {
		for (size_t i = 0; i < (*table)->n; i++) {
			const char *names = (*table)->rows[i].names;

			for (const char *w = str_word(names, &len); w;
			     w = str_word(w + len, &len)) {
				auto_free char *candidate = str_copy_n(w, len);

				if (str_is_nearer(word->text, candidate, &best)) {
					free(nearest);
					nearest = take_ptr(candidate);
				}
			}
		}
	}
	if (str_word_is(openssl_missing, word->text))
		return err_at(err, word->at, word->width, -EINVAL,
			      "unknown device/address \"%s\": this program was built without "
			      "OpenSSL",
			      word->text);
	r = err_at(err, word->at, word->width, -EINVAL, "unknown device/address \"%s\"",
		   word->text);
	if (nearest)
		err_add(err, "; did you mean \"%s\"?", nearest);
	return r;
}

static int set_params(const struct spec_single *s, struct address *a, struct err *err)
{
	const struct addr_type *type = a->type;

	if (s->n_params < type->min_params || s->n_params > type->max_params)
		return err_at(err, s->at, s->width, -EINVAL,
			      "%s: wrong number of parameters (%zu instead of %u): usage: %s%s",
			      a->keyword, s->n_params,
			      s->n_params < type->min_params ? type->min_params : type->max_params,
			      a->keyword, type->params);
	for (size_t i = 0; i < s->n_params; i++) {
		a->params[i] = s->params[i].text;
		a->param_len[i] = s->params[i].len;
	}
	a->n_params = s->n_params;
	return 0;
}

/* The words from `from` on (0: the keyword) as one text again, without quotes. */
static char *join_words(const struct spec_single *s, size_t from)
{
	auto_buf text = { 0 };

	buf_put_text(&text, from ? s->params[from - 1].text : s->keyword.text);
	for (size_t i = from; i < s->n_params; i++) {
		buf_put_byte(&text, ':');
		buf_put_text(&text, s->params[i].text);
	}
	return buf_take(&text);
}

/* /dev/tcp/HOST/PORT and /dev/udp/HOST/PORT, as in bash.  The host may contain
 * colons, so the words from `from` on are joined again. */
static int parse_network_path(const struct spec_single *s, size_t from, struct address *a,
			      struct err *err)
{
	static const size_t prefix = sizeof("/dev/tcp/") - 1;
	size_t at = from ? s->params[from - 1].at : s->at;
	char *slash;

	a->derived = join_words(s, from);
	a->keyword = str_begins(a->derived, "/dev/tcp/") ? "TCP" : "UDP";
	a->type = addr_find(a->keyword);
	a->params[0] = a->derived + prefix;
	slash = strrchr(a->derived + prefix, '/');
	if (!slash || slash == a->params[0] || !slash[1])
		return err_at(err, at, s->at + s->width - at, -EINVAL,
			      "wrong path \"%s\": usage: /dev/%s/<host>/<port>", a->derived,
			      a->type->args.type == SOCK_STREAM ? "tcp" : "udp");
	*slash = '\0';
	a->params[1] = slash + 1;
	a->n_params = 2;
	for (size_t i = 0; i < a->n_params; i++)
		a->param_len[i] = strlen(a->params[i]);
	return 0;
}

static bool is_network_path(const char *text)
{
	return str_begins(text, "/dev/tcp/") || str_begins(text, "/dev/udp/");
}

/* A keyword, or one of the three forms without: a digit, a path. */
static int find_type(const struct spec_single *s, struct address *a, struct err *err)
{
	const char *text = s->keyword.text;
	bool digit = isdigit((unsigned char)text[0]) && !text[1];

	if (is_network_path(text))
		return parse_network_path(s, 0, a, err);

	a->keyword = text;
	a->type = addr_find(text);
	if (a->type && a->type->groups & GROUP_OPEN && s->n_params &&
	    is_network_path(s->params[0].text))
		return parse_network_path(s, 1, a, err);
	if (a->type)
		return set_params(s, a, err);
	if (!digit && !strchr(text, '/'))
		return unknown(s, err);

	a->keyword = digit ? "FD" : "GOPEN";
	a->type = addr_find(a->keyword);
	if (s->n_params)
		return err_at(
			err, s->at, s->width, -EINVAL,
			"%s: wrong number of parameters (%zu instead of 0); quote the colons of "
			"a path with \"\\\"",
			text, s->n_params);
	a->params[0] = text;
	a->param_len[0] = s->keyword.len;
	a->n_params = 1;
	return 0;
}

static const struct settings defaults = {
	.escape = -1,
	.umask = -1,
	.unlink_close = -1,
	.interval = 1000000,
	.pty_interval = 1000000,
	.type = -1,
	.protocol = -1,
	.sourceport = -1,
	.fdin = -1,
	.fdout = -1,
	.interface_mtu = -1,
	.openssl.verify = true,
	.http_version = "1.0",
};

/* Any of the options about its tables asks for tcpwrap. */
static void fill_in_daemon(struct settings *s, const char *program)
{
	bool wanted = s->wrap_daemon || s->wrap_directory || s->allow_table || s->deny_table;

	if (wanted && (!s->wrap_daemon || !*s->wrap_daemon))
		s->wrap_daemon = program;
}

static int parse_options(const struct spec_single *s, const struct addr_context *context,
			 struct address *a, struct err *err)
{
	opt_groups accepted = context->any_group ? ~(opt_groups)0 : a->type->groups;

	if (!context->sloppy)
		return opt_parse(addr_options, s, accepted, &a->settings, &a->options, err);
	opt_parse_what_can_be(addr_options, s, accepted, &a->settings, &a->options);
	return 0;
}

static int parse_part(const char *source, const struct spec_single *s,
		      const struct addr_context *context, struct address *a, struct err *err)
{
	int r;

	r = find_type(s, a, err);
	if (r < 0)
		return r;
	a->settings = defaults;
	a->shared = new_object(struct addr_shared);
	r = parse_options(s, context, a, err);
	if (r < 0)
		return r;
	fill_in_daemon(&a->settings, context->program);
	if (a->settings.netns && !context->experimental)
		log_warn("option \"netns\" is experimental, see option --experimental");
	r = settings_check(a, err);
	if (r == 0)
		r = transport_parse(source, s, context, a, err);
	return r == 0 && a->type->load ? a->type->load(err) : r;
}

int address_parse(const char *text, const struct addr_context *context, struct address_pair *ret,
		  struct err *err)
{
	struct address_pair pair = { 0 };
	int r;

	r = spec_parse(text, &pair.spec, err);
	while (r == 0 && pair.n < pair.spec.n) {
		r = parse_part(pair.spec.source, &pair.spec.single[pair.n], context,
			       &pair.part[pair.n], err);
		pair.n++;
	}
	if (r < 0) {
		address_done(&pair);
		return r;
	}
	*ret = pair;
	return 0;
}

static void shared_free(struct addr_shared *shared)
{
	if (shared && shared->made)
		shared->free(shared->made);
	free(shared);
}

void address_done(struct address_pair *pair)
{
	for (size_t i = 0; i < pair->n; i++) {
		if (pair->part[i].via)
			address_done(pair->part[i].via);
		free(pair->part[i].via);
		shared_free(pair->part[i].shared);
		opt_list_done(&pair->part[i].options);
		free(pair->part[i].derived);
		(void)identity_free(pair->part[i].settings.later_user);
	}
	spec_done(&pair->spec);
	*pair = (struct address_pair){ 0 };
}
