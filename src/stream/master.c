/* SPDX-License-Identifier: MIT */
/*
 * The master's side of a pseudo terminal.
 *
 * There is no half close.  When the last process has closed the slave, reading
 * gives EIO once the data are read: that is the end, unless the stream bears a
 * hang-up for a while (sitout-eio), because somebody may open the slave again.
 * Meanwhile poll(2) reports the hang-up without pause, so the reader is told when
 * to look again.
 */

#include "stream/stream.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <unistd.h>

enum { LOOK_AGAIN = CLOCK_US_PER_S / 100 };

static void forget_hang_up(struct stream *s)
{
	s->master->hung_up_at = s->reread_at = 0;
}

static ssize_t hang_up(struct stream *s)
{
	struct master *master = s->master;
	int64_t now = clock_now();

	if (!master->hung_up_at)
		master->hung_up_at = now;
	if (now - master->hung_up_at < master->hang_up_limit) {
		s->reread_at = now + LOOK_AGAIN;
		return -EAGAIN;
	}
	log_notice("read(%d, ...): %s (probably PTY closed)", s->rfd, err_reason(-EIO));
	return 0;
}

static ssize_t master_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n = read(s->rfd, buf, len);

	if (n < 0 && errno == EIO)
		return hang_up(s);
	forget_hang_up(s);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static ssize_t master_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = write(s->wfd, buf, len);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}

static const struct stream_ops master_ops = { master_read, master_write };

struct stream *stream_new_master(int rfd, int wfd, int slave)
{
	struct stream *s = stream_new(rfd, wfd, END_CLOSE);

	s->ops = &master_ops;
	s->shut = SHUT_NONE;
	s->master = new_object(struct master);
	s->master->slave = slave;
	s->nonblocking = true;
	return s;
}
