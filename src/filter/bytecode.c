/* SPDX-License-Identifier: MIT */
/*
 * The expression as a program for inet_diag (linux/inet_diag.h).
 *
 *	| code u8 | yes u8 | no u16 | arguments ... |
 *
 * An operation goes `yes` bytes on when it holds, `no` bytes when not.  Coming
 * out exactly at the end accepts the socket, four bytes past it rejects.  The
 * kernel wants `yes` to be the way to the next operation, so only failures
 * jump; JMP always fails, NOP always holds.
 *
 *	A and B		A B		A's rejections move behind B
 *	A or B		A JMP B		A fails into B, succeeds over it
 *	not A		A JMP		A fails to the end, succeeds into a rejection
 */

#include "filter/filter.h"

#include <linux/inet_diag.h>
#include <string.h>

enum { OP = sizeof(struct inet_diag_bc_op), PORT_MAX = UINT16_MAX };

struct compiler {
	const struct filter *filter;
	struct buf *code;
	bool failed;
};

static void put(struct compiler *c, const void *data, size_t len)
{
	buf_put(c->code, data, len);
	c->failed |= c->code->full;
}

/* An operation of `len` bytes in all, which rejects when it fails. */
static void put_op(struct compiler *c, uint8_t code, size_t len)
{
	const struct inet_diag_bc_op op = {
		.code = code,
		.yes = (uint8_t)len,
		.no = (uint16_t)(len + OP),
	};

	put(c, &op, sizeof(op));
}

static void put_jump(struct compiler *c, size_t distance)
{
	const struct inet_diag_bc_op op = {
		.code = INET_DIAG_BC_JMP,
		.yes = OP,
		.no = (uint16_t)distance,
	};

	put(c, &op, sizeof(op));
}

static void put_constant(struct compiler *c, bool holds)
{
	if (holds)
		put_op(c, INET_DIAG_BC_NOP, OP);
	else
		put_jump(c, 2 * OP);
}

/* The port is the `no` of a second operation. */
static void put_port(struct compiler *c, uint8_t code, int32_t port)
{
	const struct inet_diag_bc_op argument = { .no = (uint16_t)port };

	put_op(c, code, 2 * OP);
	put(c, &argument, sizeof(argument));
}

static void compile_port_range(struct compiler *c, const struct filter_node *node)
{
	bool local = node->side == FILTER_LOCAL, least = node->kind == FILTER_PORT_GE;
	int32_t port = node->port;

	if (port < 0 || port > PORT_MAX)
		put_constant(c, least ? port < 0 : port > PORT_MAX);
	else if (least)
		put_port(c, local ? INET_DIAG_BC_S_GE : INET_DIAG_BC_D_GE, port);
	else
		put_port(c, local ? INET_DIAG_BC_S_LE : INET_DIAG_BC_D_LE, port);
}

static void compile_port(struct compiler *c, const struct filter_node *node)
{
	int32_t port = node->host.port;

	if (port < 0 || port > PORT_MAX)
		put_constant(c, port == FILTER_ANY_PORT);
	else
		put_port(c,
			 node->side == FILTER_LOCAL ? INET_DIAG_BC_S_EQ : INET_DIAG_BC_D_EQ, port);
}

static size_t address_size(const struct filter_prefix *prefix)
{
	return prefix->family == AF_INET6 ? sizeof(prefix->address) : sizeof(uint32_t);
}

static size_t condition_size(const struct filter_prefix *prefix)
{
	return OP + sizeof(struct inet_diag_hostcond) + address_size(prefix);
}

static void put_condition(struct compiler *c, const struct filter_node *node,
			  const struct filter_prefix *prefix)
{
	const struct inet_diag_hostcond condition = {
		.family = prefix->family,
		.prefix_len = prefix->bits,
		.port = node->host.port,
	};

	put_op(c, node->side == FILTER_LOCAL ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND,
	       condition_size(prefix));
	put(c, &condition, sizeof(condition));
	put(c, prefix->address, address_size(prefix));
}

/* Several addresses of a name: the first that matches jumps over the others. */
static void compile_host(struct compiler *c, const struct filter_node *node)
{
	const struct filter_host *host = &node->host;
	size_t left = 0;

	if (host->pattern) {
		c->failed = true;
		return;
	}
	if (!host->count) {
		compile_port(c, node);
		return;
	}
	for (size_t i = 1; i < host->count; i++)
		left += condition_size(&host->prefixes[i]) + OP;
	for (size_t i = 0; i < host->count; i++) {
		int family = host->prefixes[i].family;

		if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6)
			c->failed = true;
		put_condition(c, node, &host->prefixes[i]);
		if (i + 1 == host->count)
			break;
		put_jump(c, left);
		left -= condition_size(&host->prefixes[i + 1]) + OP;
	}
}

static void compile_device(struct compiler *c, const struct filter_node *node)
{
	put_op(c, INET_DIAG_BC_DEV_COND, OP + sizeof(node->device));
	put(c, &node->device, sizeof(node->device));
}

static void compile_mark(struct compiler *c, const struct filter_node *node)
{
	const struct inet_diag_markcond condition = { node->mark.value, node->mark.mask };

	put_op(c, INET_DIAG_BC_MARK_COND, OP + sizeof(condition));
	put(c, &condition, sizeof(condition));
}

static void compile_cgroup(struct compiler *c, const struct filter_node *node)
{
	put_op(c, INET_DIAG_BC_CGROUP_COND, OP + sizeof(node->cgroup));
	put(c, &node->cgroup, sizeof(node->cgroup));
}

/* Moves the rejections of the program from start to end `by` bytes on. */
static void move_rejections(struct compiler *c, size_t start, size_t end, size_t by)
{
	struct inet_diag_bc_op op;

	for (size_t at = start; at < end; at += op.yes) {
		memcpy(&op, c->code->data + at, sizeof(op));
		if (at + op.no != end + OP || op.code == INET_DIAG_BC_NOP)
			continue;
		op.no = (uint16_t)(op.no + by);
		memcpy(c->code->data + at, &op, sizeof(op));
	}
}

/* Sets how far the jump at a place goes. */
static void set_jump(struct compiler *c, size_t at, size_t distance)
{
	uint16_t no = (uint16_t)distance;

	memcpy(c->code->data + at + offsetof(struct inet_diag_bc_op, no), &no, sizeof(no));
}

static void compile_node(struct compiler *c, uint32_t i);

static void compile_and(struct compiler *c, const struct filter_node *node)
{
	size_t start = c->code->len, middle;

	compile_node(c, node->operands.left);
	middle = c->code->len;
	compile_node(c, node->operands.right);
	if (!c->failed)
		move_rejections(c, start, middle, c->code->len - middle);
}

static void compile_or(struct compiler *c, const struct filter_node *node)
{
	size_t jump;

	compile_node(c, node->operands.left);
	jump = c->code->len;
	put_jump(c, 0);
	compile_node(c, node->operands.right);
	if (!c->failed)
		set_jump(c, jump, c->code->len - jump);
}

static void compile_not(struct compiler *c, const struct filter_node *node)
{
	compile_node(c, node->operands.left);
	put_constant(c, false);
}

static void compile_node(struct compiler *c, uint32_t i)
{
	const struct filter_node *node = &c->filter->nodes[i];
	static void (*const compile[])(struct compiler *c, const struct filter_node *node) = {
		[FILTER_AND] = compile_and,
		[FILTER_OR] = compile_or,
		[FILTER_NOT] = compile_not,
		[FILTER_HOST] = compile_host,
		[FILTER_PORT_GE] = compile_port_range,
		[FILTER_PORT_LE] = compile_port_range,
		[FILTER_DEVICE] = compile_device,
		[FILTER_MARK] = compile_mark,
		[FILTER_CGROUP] = compile_cgroup,
	};

	if (c->failed)
		return;
	if (node->kind == FILTER_AUTOBOUND)
		put_op(c, INET_DIAG_BC_AUTO, OP);
	else
		compile[node->kind](c, node);
}

static bool has(const struct filter *filter, enum filter_kind kind)
{
	for (size_t i = 0; i < filter->count; i++)
		if (filter->nodes[i].kind == kind)
			return true;
	return false;
}

/* ss sends nothing of an expression with a device, so there only the range says
 * which ports are autobound, and ours must select the same. */
static bool is_for_us_alone(const struct filter *filter)
{
	return has(filter, FILTER_AUTOBOUND) && has(filter, FILTER_DEVICE);
}

bool filter_compile(const struct filter *filter, struct buf *ret)
{
	auto_buf code = { .max = FILTER_BYTECODE_MAX };
	struct compiler c = { .filter = filter, .code = &code };

	if (!filter->count || is_for_us_alone(filter))
		return false;
	compile_node(&c, (uint32_t)filter->count - 1);
	if (c.failed)
		return false;
	*ret = code;
	code = (struct buf){ 0 };
	return true;
}
