/* SPDX-License-Identifier: MIT */
/*
 * The grammar:
 *
 *	input     = [ list ]
 *	list      = factor { [ "and" | "or" ] factor }		to the left, one rank
 *	factor    = "not" factor | "(" list ")" | predicate
 *	predicate = ( "src" | "dst" ) [ "=" ] HOST
 *		  | ( "sport" | "dport" ) [ COMPARISON ] PORT
 *		  | ( "dev" | "fwmark" | "cgroup" ) [ "=" | "!=" ] VALUE
 *		  | "autobound"
 *
 * A value is read as soon as its word is, so that its errors come before those
 * of the grammar further right.  How it is read depends on the last keyword.
 */

#include "filter/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const struct filter_context *context;
	struct filter_lexer lexer;
	enum filter_token token;   /* not yet used */
	enum filter_token keyword; /* the last one, which says what values are */
	struct filter_node value;  /* of a TOKEN_VALUE; ours until it is taken */
	bool has_value;
	int preferred;
	int nesting;
	struct filter *filter;
	struct err *err;
};

/* src and everything after it in the enum decides how values are read. */
static bool is_keyword(enum filter_token token)
{
	return token >= TOKEN_SRC && token <= TOKEN_CGROUP;
}

static int syntax_error(const struct parser *p)
{
	return err_at(p->err, p->lexer.start, MAX(p->lexer.length, (size_t)1), -EBADMSG,
		      "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.");
}

static int too_big(const struct parser *p, const char *what)
{
	return err_at(p->err, p->lexer.start, MAX(p->lexer.length, (size_t)1), -E2BIG,
		      "ss: the filter %s", what);
}

static int read_value(struct parser *p)
{
	int family = p->preferred;
	struct err cause = { 0 };
	int r;

	r = filter_value(p->lexer.word, p->keyword, p->context, &family, &p->value, &cause);
	if (r < 0)
		return err_at(p->err, p->lexer.start, p->lexer.length, r, "%s", cause.text);
	p->has_value = true;
	if (family != AF_UNSPEC)
		p->preferred = p->filter->family = family;
	return 0;
}

static int advance(struct parser *p)
{
	p->token = filter_next_token(&p->lexer);
	if (is_keyword(p->token))
		p->keyword = p->token;
	if (p->token != TOKEN_VALUE)
		return 0;
	/* Two values in a row are an error of the grammar, but of the second. */
	if (p->has_value)
		filter_node_done(&p->value);
	p->has_value = false;
	return read_value(p);
}

static int add_node(struct parser *p, const struct filter_node *node, uint32_t *ret)
{
	struct filter *filter = p->filter;

	if (filter->count == FILTER_NODES_MAX)
		return too_big(p, "has too many conditions");
	if (filter->count == filter->room) {
		filter->room = filter->room ? filter->room * 2 : 16;
		filter->nodes = mem_resize(filter->nodes, filter->room, sizeof(*filter->nodes));
	}
	filter->nodes[filter->count] = *node;
	*ret = (uint32_t)filter->count++;
	return 0;
}

static int add_operator(struct parser *p, enum filter_kind kind, uint32_t left, uint32_t right,
			uint32_t *ret)
{
	struct filter_node node = { .kind = kind, .operands = { left, right } };

	return add_node(p, &node, ret);
}

/* Turns a condition on a port into what the tree has; what is left of a
 * comparison is whether it must be negated. */
static bool set_comparison(struct filter_node *node, enum filter_token comparison)
{
	static const struct {
		enum filter_token token;
		enum filter_kind kind;
		bool negated;
	} comparisons[] = {
		{ TOKEN_GE, FILTER_PORT_GE, false },
		{ TOKEN_LE, FILTER_PORT_LE, false },
		{ TOKEN_GT, FILTER_PORT_LE, true },
		{ TOKEN_LT, FILTER_PORT_GE, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++) {
		int32_t port = node->host.port;

		if (comparisons[i].token != comparison)
			continue;
		filter_node_done(node);
		node->kind = comparisons[i].kind;
		node->port = port;
		return comparisons[i].negated;
	}
	return comparison == TOKEN_NE;
}

static bool is_allowed(enum filter_token keyword, enum filter_token comparison)
{
	switch (keyword) {
	case TOKEN_SRC:
	case TOKEN_DST:
		return comparison == TOKEN_EQ;
	case TOKEN_SPORT:
	case TOKEN_DPORT:
		return comparison >= TOKEN_EQ && comparison <= TOKEN_LT;
	default:
		return comparison == TOKEN_EQ || comparison == TOKEN_NE;
	}
}

/* A keyword was read; what follows is a comparison, perhaps, and a value. */
static int parse_condition(struct parser *p, enum filter_token keyword, uint32_t *ret)
{
	enum filter_token comparison = TOKEN_EQ;
	struct filter_node node;
	bool negated;
	int r;

	r = advance(p);
	if (r < 0)
		return r;
	if (p->token != TOKEN_VALUE) {
		comparison = p->token;
		if (!is_allowed(keyword, comparison))
			return syntax_error(p);
		r = advance(p);
		if (r < 0)
			return r;
	}
	if (p->token != TOKEN_VALUE)
		return syntax_error(p);

	node = p->value;
	node.side = keyword == TOKEN_DST || keyword == TOKEN_DPORT ? FILTER_PEER : FILTER_LOCAL;
	negated = set_comparison(&node, comparison);
	p->has_value = false;
	r = add_node(p, &node, ret);
	if (r < 0) {
		filter_node_done(&node);
		return r;
	}
	if (negated) {
		r = add_operator(p, FILTER_NOT, *ret, 0, ret);
		if (r < 0)
			return r;
	}
	return advance(p);
}

static int parse_list(struct parser *p, uint32_t *ret);

static int parse_group(struct parser *p, uint32_t *ret)
{
	int r;

	r = advance(p);
	if (r < 0)
		return r;
	r = parse_list(p, ret);
	if (r < 0)
		return r;
	return p->token == TOKEN_CLOSE ? advance(p) : syntax_error(p);
}

static int parse_factor(struct parser *p, uint32_t *ret);

static int parse_negation(struct parser *p, uint32_t *ret)
{
	int r;

	r = advance(p);
	if (r < 0)
		return r;
	r = parse_factor(p, ret);
	return r < 0 ? r : add_operator(p, FILTER_NOT, *ret, 0, ret);
}

static int parse_autobound(struct parser *p, uint32_t *ret)
{
	struct filter_node node = { .kind = FILTER_AUTOBOUND };
	int r;

	r = add_node(p, &node, ret);
	return r < 0 ? r : advance(p);
}

static int parse_factor(struct parser *p, uint32_t *ret)
{
	int r;

	if (is_keyword(p->token))
		return parse_condition(p, p->token, ret);
	if (p->token == TOKEN_AUTOBOUND)
		return parse_autobound(p, ret);
	if (p->token != TOKEN_NOT && p->token != TOKEN_OPEN)
		return syntax_error(p);

	if (++p->nesting > FILTER_NESTING_MAX)
		return too_big(p, "is nested too deeply");
	r = p->token == TOKEN_NOT ? parse_negation(p, ret) : parse_group(p, ret);
	p->nesting--;
	return r;
}

static bool goes_on(enum filter_token token)
{
	return is_keyword(token) || token == TOKEN_AUTOBOUND || token == TOKEN_NOT ||
	       token == TOKEN_OPEN || token == TOKEN_AND || token == TOKEN_OR;
}

static int parse_list(struct parser *p, uint32_t *ret)
{
	uint32_t right = 0;
	int r;

	r = parse_factor(p, ret);
	while (r >= 0 && goes_on(p->token)) {
		enum filter_kind kind = p->token == TOKEN_OR ? FILTER_OR : FILTER_AND;

		if (p->token == TOKEN_OR || p->token == TOKEN_AND)
			r = advance(p);
		if (r >= 0)
			r = parse_factor(p, &right);
		if (r >= 0)
			r = add_operator(p, kind, *ret, right, ret);
	}
	return r;
}

static int parse_input(struct parser *p)
{
	uint32_t root;
	int r;

	r = advance(p);
	if (r < 0 || p->token == TOKEN_END)
		return r;
	r = parse_list(p, &root);
	if (r < 0)
		return r;
	return p->token == TOKEN_END ? 0 : syntax_error(p);
}

int filter_parse(const char *text, const struct filter_context *context, struct filter *ret,
		 struct err *err)
{
	auto_filter filter = { .family = AF_UNSPEC,
			       .range_low = context->range_low,
			       .range_high = context->range_high };
	auto_free char *word = mem_new(1, strlen(text) + 1);
	struct parser parser = {
		.context = context,
		.lexer = { .text = text, .word = word },
		.keyword = TOKEN_SRC,
		.preferred = context->preferred,
		.filter = &filter,
		.err = err,
	};
	int r = parse_input(&parser);

	if (parser.has_value)
		filter_node_done(&parser.value);
	if (r < 0)
		return r;
	*ret = filter;
	filter = (struct filter){ 0 };
	return 0;
}

void filter_node_done(struct filter_node *node)
{
	if (node->kind != FILTER_HOST)
		return;
	free(node->host.prefixes);
	free(node->host.pattern);
	node->host = (struct filter_host){ 0 };
}

void filter_done(struct filter *filter)
{
	for (size_t i = 0; i < filter->count; i++)
		filter_node_done(&filter->nodes[i]);
	free(filter->nodes);
	*filter = (struct filter){ 0 };
}
