/* SPDX-License-Identifier: MIT */
/*
 * POSIX message queues (mq_overview(7)).
 *
 * A queue is opened without waiting: poll(2) tells when there is a message or room
 * for one.  POSIXMQ-RECEIVE and POSIXMQ-SEND are listeners, because with fork each
 * message, or each time there is room for one, is a session; the queue is opened,
 * flushed and unlinked once for all of them.
 */

#include "addr/posixmq.h"

#include "addr/families.h"
#include "addr/file.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "opt/action.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int posixmq_name_check(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (name[0] != '/' || len == 1 || strchr(name + 1, '/'))
		return err_set(err, -EINVAL,
			       "\"%s\" is no queue: its name begins with \"/\" and has no other",
			       name);
	if (len - 1 >= NAME_MAX || str_equal(name, "/.") || str_equal(name, "/.."))
		return err_set(err, -EINVAL, "\"%s\" cannot be the name of a queue", name);
	return 0;
}

/* One of the system's defaults; what it cannot say is what Linux has. */
static long default_size(const char *file, long otherwise)
{
	auto_free char *path = str_format("/proc/sys/fs/mqueue/%s", file);
	auto_free char *text = NULL;
	long long value;

	if (fd_read_file(path, 64, &text) < 0)
		return otherwise;
	text[strcspn(text, "\n")] = '\0';
	return num_parse_decimal(text, 1, LONG_MAX, &value) < 0 ? otherwise : (long)value;
}

/* What a new queue is to be like; false: nothing was asked for. */
static bool wanted_sizes(struct opening *o, struct mq_attr *ret)
{
	const struct settings *s = &o->address->settings;
	bool any = opening_take(o, "posixmq-maxmsg");

	any |= opening_take(o, "posixmq-msgsize") != NULL;
	*ret = (struct mq_attr){
		.mq_maxmsg = s->queue_max_messages ? (long)s->queue_max_messages
						   : default_size("msg_default", 10),
		.mq_msgsize = s->queue_message_size ? (long)s->queue_message_size
						    : default_size("msgsize_default", 8192),
	};
	return any;
}

static void compare(const char *name, const char *what, int64_t wanted, long is)
{
	if (wanted && wanted != is)
		log_warn("queue \"%s\" exists with %s=%ld instead of %lld", name, what, is,
			 (long long)wanted);
}

/* Removes the name, where it is there and the option is not switched off. */
static int unlink_for(struct opening *o, const char *option)
{
	const char *name = o->address->params[0];
	const struct option *given = opening_take(o, option);

	if (!given || !given->value.number[0] || mq_unlink(name) == 0 || errno == ENOENT)
		return 0;
	return err_set(o->err, -errno, "mq_unlink(\"%s\") for option \"%s\": %s", name, given->name,
		       err_reason(-errno));
}

/* A queue is no entry of the file system that could be changed by its path. */
static int refuse_path_options(struct opening *o)
{
	static const char *const names[] = { "user-early", "group-early", "perm-early" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (opt_given(&o->address->options, names[i]))
			return err_set(o->err, -EINVAL,
				       "%s: option \"%s\" is for files: a queue has no path",
				       o->address->keyword, names[i]);
	return 0;
}

/* Takes out what is in the queue now, and no more: its writers may be busy. */
static int flush(struct opening *o)
{
	const char *name = o->address->params[0];
	auto_close int fd = -1;
	auto_free char *message = NULL;
	struct mq_attr attr;

	if (!opening_take(o, "posixmq-flush") || !o->address->settings.queue_flush)
		return 0;
	fd = mq_open(name, O_RDONLY | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || mq_getattr(fd, &attr) < 0)
		return err_set(o->err, -errno, "mq_open(\"%s\") for option \"posixmq-flush\": %s",
			       name, err_reason(-errno));
	message = mem_new(1, (size_t)attr.mq_msgsize);
	for (long i = 0; i < attr.mq_curmsgs; i++)
		if (mq_receive(fd, message, (size_t)attr.mq_msgsize, NULL) < 0)
			break;
	return 0;
}

static int check_priority(struct opening *o)
{
	unsigned int priority = o->address->settings.queue_priority;
	long limit = sysconf(_SC_MQ_PRIO_MAX);

	(void)opening_take(o, "posixmq-priority");
	if (limit > 0 && priority >= (unsigned long)limit)
		return err_set(o->err, -EINVAL, "option \"posixmq-priority\": %u is not 0..%ld",
			       priority, limit - 1);
	return 0;
}

/* Everything before the queue is open. */
static int prepare(struct opening *o)
{
	int r;

	r = posixmq_name_check(o->address->params[0], o->err);
	if (r == 0)
		r = refuse_path_options(o);
	if (r == 0)
		r = check_priority(o);
	if (r == 0)
		r = unlink_for(o, "unlink-early");
	if (r == 0)
		r = flush(o);
	return r < 0 ? r : unlink_for(o, "unlink");
}

/* mq_open(3) with the flags that options add or clear. */
static int open_queue(struct opening *o, struct mq_attr *ret)
{
	const struct settings *settings = &o->address->settings;
	const char *name = o->address->params[0];
	int flags = file_access_flags(o->wanted) | O_CREAT;
	mode_t mode = file_mode(o);
	auto_close int fd = -1;
	struct mq_attr attr;
	bool sized = wanted_sizes(o, &attr);

	flags = (int)opt_collect_flags(&o->address->options, &o->used, opt_open_flag, flags);
	flags = (int)opt_collect_flags(&o->address->options, &o->used, opt_file_flag, flags);
	fd = mq_open(name, flags | O_NONBLOCK, mode, sized ? &attr : NULL);
	if (fd < 0)
		return err_set(o->err, -errno, "mq_open(\"%s\", 0%o, 0%03o, {%ld, %ld}): %s", name,
			       (unsigned int)flags, mode, attr.mq_maxmsg, attr.mq_msgsize,
			       err_reason(-errno));
	if (mq_getattr(fd, &attr) < 0)
		return err_set(o->err, -errno, "mq_getattr(%d): %s", fd, err_reason(-errno));
	compare(name, "maxmsg", settings->queue_max_messages, attr.mq_maxmsg);
	compare(name, "msgsize", settings->queue_message_size, attr.mq_msgsize);
	if (o->wanted & DIR_READ && (size_t)attr.mq_msgsize > o->context->block_size)
		return err_set(o->err, -EMSGSIZE, "%s:%s: a message may have %ld bytes (-b%ld): %s",
			       o->address->keyword, name, attr.mq_msgsize, attr.mq_msgsize,
			       err_reason(-EMSGSIZE));
	log_notice("opening message queue \"%s\" for %s", name, file_direction_words(o->wanted));
	*ret = attr;
	return take_fd(&fd);
}

/* An open queue with the options for it: its descriptor. */
static int open_prepared(struct opening *o, struct mq_attr *ret)
{
	auto_close int fd = -1;
	int r;

	r = prepare(o);
	if (r < 0)
		return r;
	fd = open_queue(o, ret);
	if (fd < 0)
		return fd;
	r = unlink_for(o, "unlink-late");
	if (r == 0)
		r = opening_apply(o, PHASE_PASTOPEN, fd, NULL);
	if (r == 0)
		r = opening_apply(o, PHASE_FD, fd, NULL);
	return r < 0 ? r : take_fd(&fd);
}

static struct stream *queue_stream(const struct opening *o, int fd, size_t message_size)
{
	return stream_new_queue(o->wanted & DIR_READ ? fd : -1, o->wanted & DIR_WRITE ? fd : -1,
				message_size, o->address->settings.queue_priority);
}

static int open_lasting(struct opening *o, struct stream **ret)
{
	const char *name = o->address->params[0];
	struct mq_attr attr;
	int fd;

	if (o->wanted == DIR_BOTH && str_equal_nocase(o->address->keyword, "POSIXMQ"))
		return err_set(o->err, -EINVAL,
			       "POSIXMQ:%s reads or writes: to do both use POSIXMQ-BIDIRECTIONAL",
			       name);
	fd = open_prepared(o, &attr);
	if (fd < 0)
		return fd;
	*ret = queue_stream(o, fd, (size_t)attr.mq_msgsize);
	if (o->address->settings.unlink_close > 0)
		owned_path_set_queue(&(*ret)->path, name);
	return 0;
}

static int listen_on_queue(struct opening *o, const struct listener_ops *ops, const char *waiting,
			   struct listener **ret)
{
	const char *name = o->address->params[0];
	struct mq_attr attr;
	int fd = open_prepared(o, &attr);

	if (fd < 0)
		return fd;
	*ret = listener_new(ops, fd);
	(*ret)->waiting = waiting;
	(void)net_address_unix(name, true, &(*ret)->local); /* for the log */
	if (o->address->settings.unlink_close > 0)
		owned_path_set_queue(&(*ret)->path, name);
	return 0;
}

static int share_queue(struct listener *l, struct opening *o, struct arrival *ret)
{
	ret->fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	return ret->fd < 0 ? err_set(o->err, -errno, "dup(%d): %s", l->fd, err_reason(-errno)) : 0;
}

static size_t message_size(int fd)
{
	struct mq_attr attr;

	return mq_getattr(fd, &attr) < 0 ? 0 : (size_t)attr.mq_msgsize;
}

/* The next message that is not empty; another reader may take it before us. */
static int receive_message(struct listener *l, struct opening *o, struct arrival *ret)
{
	size_t size = message_size(l->fd);
	char text[16];
	unsigned int priority;
	ssize_t n;

	ret->packet = mem_new(1, size + 1);
	do {
		int r = task_wait(l->fd, POLLIN);

		if (r < 0)
			return r;
		n = mq_receive(l->fd, ret->packet, size, &priority);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_set(o->err, -errno, "mq_receive(%d): %s", l->fd,
				       err_reason(-errno));
	} while (n <= 0);
	ret->packet_len = (size_t)n;
	log_notice("received message of %zd bytes with priority %u", n, priority);
	(void)snprintf(text, sizeof(text), "%u", priority);
	env_set(&ret->env, o->context->env_prefix, "POSIXMQ_PRIO", text);
	return share_queue(l, o, ret);
}

static int finish_message(struct opening *o, struct arrival *a, struct stream **ret)
{
	struct stream *s = queue_stream(o, take_fd(&a->fd), 0);

	env_copy(o->env, &a->env);
	s->one_packet = true;
	stream_unread(s, a->packet, a->packet_len);
	*ret = s;
	return 0;
}

/* With fork: the next time there is room for a message, and the pause is over. */
static int wait_for_room(struct listener *l, struct opening *o, struct arrival *ret)
{
	const struct settings *settings = &o->address->settings;
	int r = 0;

	if (settings->fork && l->not_before)
		r = task_sleep(MAX(l->not_before - clock_now(), 0));
	if (r == 0 && settings->fork)
		r = task_wait(l->fd, POLLOUT);
	if (r < 0)
		return r;
	l->not_before = clock_after(settings->interval);
	return share_queue(l, o, ret);
}

static int finish_sending(struct opening *o, struct arrival *a, struct stream **ret)
{
	size_t size = message_size(a->fd);

	*ret = queue_stream(o, take_fd(&a->fd), size);
	return 0;
}

static int listen_for_messages(struct opening *o, struct listener **ret)
{
	static const struct listener_ops ops = { receive_message, finish_message };

	return listen_on_queue(o, &ops, "receiving on", ret);
}

static int listen_for_room(struct opening *o, struct listener **ret)
{
	static const struct listener_ops ops = { wait_for_room, finish_sending };

	return listen_on_queue(o, &ops, "sending to", ret);
}

#define NAME ":<mqname>"
#define QUEUE_GROUPS (GROUP_FD | GROUP_NAMED | GROUP_OPEN | GROUP_RETRY | GROUP_POSIXMQ)

static const struct addr_type rows[] = {
	{ "POSIXMQ-BIDIRECTIONAL POSIXMQ", NAME, "read and write the messages of a queue",
	  QUEUE_GROUPS, DIR_BOTH, 1, 1, open_lasting },
	{ "POSIXMQ-READ", NAME, "read all messages of a queue", QUEUE_GROUPS, DIR_READ, 1, 1,
	  open_lasting },
	{ "POSIXMQ-RECEIVE POSIXMQ-RECV", NAME, "read one message of a queue",
	  QUEUE_GROUPS | GROUP_CHILD, DIR_READ, 1, 1, NULL, listen_for_messages },
	{ "POSIXMQ-SEND", NAME, "write each block to a queue as one message",
	  QUEUE_GROUPS | GROUP_CHILD, DIR_WRITE, 1, 1, NULL, listen_for_room },
	{ "POSIXMQ-WRITE", NAME, "write each block to a queue as one message",
	  QUEUE_GROUPS | GROUP_CHILD, DIR_WRITE, 1, 1, NULL, listen_for_room },
};

const struct addr_table posixmq_addresses = { rows, ARRAY_SIZE(rows) };

#define ROW(names, help, phase, type, store, member)                                              \
	{                                                                                         \
		names, help, GROUP_POSIXMQ, phase, SCOPE_TAKEN, &value_##type, opt_store_##store, \
		{                                                                                 \
			.offset = offsetof(struct settings, member)                               \
		}                                                                                 \
	}

static const struct opt_type options[] = {
	ROW("posixmq-priority mq-prio", "write messages with this priority", PHASE_INIT, uint, int,
	    queue_priority),
	ROW("posixmq-flush mq-flush", "throw away the messages that are waiting", PHASE_EARLY, bool,
	    bool, queue_flush),
	ROW("posixmq-maxmsg mq-maxmsg", "have a new queue keep so many messages", PHASE_OPEN, long,
	    time, queue_max_messages),
	ROW("posixmq-msgsize mq-msgsize", "have a new queue take messages of so many bytes",
	    PHASE_OPEN, long, time, queue_message_size),
};

const struct opt_table posixmq_options = { options, ARRAY_SIZE(options) };
