/* SPDX-License-Identifier: MIT */
/*
 * Listening for what carries an address; see transport.h.
 *
 * A layer's listener has the one below it and keeps what that one's opening has used of
 * its options, because accepting and finishing are parts of the same opening.  If what is
 * in "via" does not listen, there is none below: accepting opens it.
 */

#include "addr/transport.h"

#include "addr/ip.h"
#include "base/log.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>

bool transport_listens(const struct address *a)
{
	return a->via && a->via->n == 1 && a->via->part[0].type->listen;
}

static struct opening opening_below(const struct opening *outer, const struct opt_used *used)
{
	struct opening o = transport_opening(outer, &outer->address->via->part[0], DIR_BOTH);

	o.used = *used;
	return o;
}

/* The listener in "via", made in its own surroundings. */
static int listen_below(struct opening *outer, struct listener **ret, struct opt_used *ret_used)
{
	struct opening o = opening_below(outer, &(struct opt_used){ 0 });
	struct surroundings around;
	int r;

	r = surroundings_enter(&o.address->settings, &around, o.err);
	if (r < 0)
		return r;
	r = o.address->type->listen(&o, ret);
	surroundings_leave(&around);
	*ret_used = o.used;
	return r;
}

/* What others ask a listener for, also of this one. */
static void take_over(struct listener *l, struct listener *below)
{
	l->fd = fcntl(below->fd, F_DUPFD_CLOEXEC, 0);
	l->local = below->local;
	l->waiting = below->waiting;
	l->path = below->path;
	l->lends = below->lends;
	below->path = (struct owned_path){ 0 };
	l->below = below;
}

static int listen_via(struct opening *o, const struct listener_ops *ops, struct listener **ret)
{
	auto_listener l = listener_new(ops, -1);
	struct listener *below = NULL;
	int r;

	(void)opening_take(o, "via");
	if (transport_listens(o->address)) {
		r = listen_below(o, &below, &l->below_used);
		if (r < 0)
			return r;
		take_over(l, below);
	} else {
		l->waiting = "serving one peer over";
	}
	*ret = take_ptr(l);
	return 0;
}

int opening_transport_listen(struct opening *o, const char *service,
			     const struct listener_ops *ops, struct listener **ret)
{
	struct socket_kind kind;
	int fd, r;

	if (o->address->via)
		return listen_via(o, ops, ret);
	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	fd = ip_serve(o, &kind, service, !opt_given(&o->address->options, "reuseaddr"));
	if (fd < 0)
		return fd;
	r = socket_listen(o, fd, ret);
	if (r == 0)
		(*ret)->ops = ops;
	return r;
}

/* What does not listen is opened instead; a descriptor shows that somebody is there. */
static int open_instead(struct opening *o, struct arrival *ret)
{
	int r = opening_transport(o, NULL, NULL, &ret->carrier);

	if (r < 0)
		return r;
	ret->fd = fcntl(ret->carrier->rfd, F_DUPFD_CLOEXEC, 0);
	return ret->fd < 0 ? err_set(o->err, -errno, "dup(): %s", err_reason(-errno)) : 0;
}

/* The accept of any listener, within the accept-timeout of its address. */
static int accept_within(struct listener *l, struct opening *o, struct arrival *ret)
{
	int64_t limit = o->address->settings.accept_timeout, before = task_deadline(CLOCK_NEVER);
	int r;

	(void)task_deadline(limit > 0 ? MIN(before, clock_after(limit)) : before);
	r = l->ops->accept(l, o, ret);
	(void)task_deadline(before);
	if (r == -ETIMEDOUT)
		return err_set(o->err, r, "accept: %s", err_reason(r));
	return r;
}

int transport_accept(struct listener *l, struct opening *o, struct arrival *ret)
{
	struct opening below;
	int r;

	if (!o->address->via)
		return socket_listener_ops.accept(l, o, ret);
	if (l->below) {
		below = opening_below(o, &l->below_used);
		r = accept_within(l->below, &below, ret);
		l->below_used = below.used;
	} else {
		r = open_instead(o, ret);
	}
	if (r == 0) {
		listener_release(ret->from);
		ret->from = listener_keep(l); /* the session may begin when it has ended */
	}
	return r;
}

static int finish_below(struct opening *outer, struct arrival *a, struct stream **ret)
{
	struct listener *l = a->from;
	struct opening o = opening_below(outer, &l->below_used);
	auto_stream s = NULL;
	int r;

	a->from = l->below; /* which the one above keeps */
	r = l->below->ops->finish(&o, a, &s);
	a->from = l;
	if (r == 0)
		r = opening_finish(&o, s);
	if (r == 0)
		r = transport_check(outer, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

/* Both directions, whatever is wanted of the address: it has to talk first. */
static int finish_connection(struct opening *o, struct arrival *a, struct stream **ret)
{
	enum addr_direction wanted = o->wanted;
	int r;

	o->wanted = DIR_BOTH;
	r = socket_listener_ops.finish(o, a, ret);
	o->wanted = wanted;
	return r;
}

int transport_finish(struct opening *o, struct arrival *a, struct stream **ret)
{
	if (!o->address->via)
		return finish_connection(o, a, ret);
	if (!a->from->below) {
		*ret = take_ptr(a->carrier);
		return 0;
	}
	return finish_below(o, a, ret);
}

int transport_serve_one(struct opening *o, struct stream **ret)
{
	auto_arrival arrival = { .fd = -1 };
	auto_listener l = NULL;
	char text[NET_ADDRESS_TEXT];
	int r;

	r = o->address->type->listen(o, &l);
	if (r < 0)
		return r;
	log_notice("%s %s", l->waiting, net_address_text(&l->local, text, sizeof(text)));
	r = accept_within(l, o, &arrival);
	if (r == 0)
		r = l->ops->finish(o, &arrival, ret);
	if (r < 0)
		return r;
	(*ret)->path = l->path; /* until the session ends */
	l->path = (struct owned_path){ 0 };
	return 0;
}
