/* SPDX-License-Identifier: MIT */
/* One address by itself; see opened.h. */

#include "api/opened.h"

#include "task/child.h"

#include <errno.h>

static int refuse_forks(const struct address_pair *pair, struct err *err)
{
	for (size_t i = 0; i < pair->n; i++) {
		if (pair->part[i].settings.fork)
			return err_set(err, -EINVAL,
				       "%s: option fork is not possible here: one stream is opened",
				       pair->part[i].keyword);
		if (pair->part[i].settings.nofork)
			return err_set(err, -EINVAL, "%s: option nofork is not possible here",
				       pair->part[i].keyword);
	}
	return 0;
}

void opened_close(struct opened *opened)
{
	session_done(&opened->session);
	address_done(&opened->pair[0]);
}

int opened_open(struct opened *opened, const char *text, enum addr_direction direction,
		struct err *err)
{
	struct session *session = &opened->session;
	int r;

	child_reap(); /* programs of streams that were closed */
	session_init(session, &opened->options, opened->pair, &opened->result);
	r = address_parse(text, &opened->options.address, &opened->pair[0], err);
	if (r == 0)
		r = refuse_forks(&opened->pair[0], err);
	if (r == 0)
		r = session_open(session, 0, direction, err);
	if (r < 0)
		opened_close(opened);
	return r;
}

struct stream *opened_stream(struct opened *opened)
{
	return opened->session.stream[0];
}
