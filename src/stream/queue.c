/* SPDX-License-Identifier: MIT */
/* Streams over POSIX message queues: one message is one block. */

#include "stream/stream.h"

#include <errno.h>
#include <mqueue.h>
#include <stdlib.h>
#include <string.h>

/* The kernel gives no message to a buffer that the longest would not fit in. */
static ssize_t receive_short(int fd, void *buf, size_t len, size_t message_size)
{
	auto_free char *whole = mem_new(1, message_size);
	ssize_t n = mq_receive(fd, whole, message_size, NULL);

	if (n > 0)
		memcpy(buf, whole, MIN((size_t)n, len));
	return MIN(n, (ssize_t)len);
}

/* What belongs to the ops. */
struct queue {
	size_t message_size; /* of the longest */
	unsigned int priority;
};

static ssize_t queue_read(struct stream *s, void *buf, size_t len)
{
	const struct queue *queue = s->state;
	ssize_t n = len < queue->message_size ? receive_short(s->rfd, buf, len, queue->message_size)
					  : mq_receive(s->rfd, buf, len, NULL);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n == 0 ? -EAGAIN : n; /* an empty message is no end */
}

static ssize_t queue_write(struct stream *s, const void *buf, size_t len)
{
	if (mq_send(s->wfd, buf, len, ((const struct queue *)s->state)->priority) < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return (ssize_t)len;
}

static void queue_done(struct stream *s)
{
	free(s->state);
}

static const struct stream_ops queue_ops = { queue_read, queue_write, .done = queue_done };

struct stream *stream_new_queue(int rfd, int wfd, size_t message_size, unsigned int priority)
{
	struct stream *s = stream_new(rfd, wfd, END_CLOSE);

	s->ops = &queue_ops;
	s->shut = SHUT_NONE;
	s->packets = true;
	s->state = mem_copy(&(struct queue){ message_size, priority }, sizeof(struct queue));
	return s;
}
