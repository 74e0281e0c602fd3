/* SPDX-License-Identifier: MIT */
/* UNIX domain sockets: paths, and abstract names written with an @ in front.
 *
 * As in classic netcat a file in the way of a new socket is removed first, and
 * the socket stays behind after a regular end.  When a signal ends us, what we
 * have made is removed: the socket, and a datagram client's folder. */

#include "base/fd.h"
#include "base/str.h"
#include "net/connect.h"
#include "tool/nc_account.h"
#include "tool/nc_role.h"
#include "tool/nc_serve.h"
#include "tool/nc_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 5 };

/* A socket in the file system that we have bound. */
struct place {
	char *path;
	char *folder; /* made for this socket alone; NULL: none */
	struct stat st;
	bool bound;
};

#define auto_place __attribute__((__cleanup__(place_done))) struct place

static void place_done(struct place *p)
{
	if (p->folder) {
		(void)unlink(p->path);
		(void)rmdir(p->folder);
	}
	free(p->folder);
	free(p->path);
}

/* Removes the socket, unless somebody else has put his own there. */
static void place_remove(const struct place *p)
{
	struct stat now;

	if (p->bound && lstat(p->path, &now) == 0 && now.st_dev == p->st.st_dev &&
	    now.st_ino == p->st.st_ino)
		(void)unlink(p->path);
}

static int parse_path(const char *path, struct net_address *ret)
{
	size_t len = strlen(path);

	if (len == 0)
		return -EINVAL;
	if (len >= NET_UNIX_PATH_MAX)
		return -ENAMETOOLONG;
	if (*path == '@')
		return net_address_abstract(path + 1, len - 1, true, ret);
	return net_address_unix(path, true, ret);
}

static int bind_place(const struct nc_options *o, int fd, struct place *p)
{
	struct net_address local;
	int r;

	r = parse_path(p->path, &local);
	if (r < 0)
		return r;
	if (*p->path != '@')
		(void)unlink(p->path);
	if (bind(fd, &local.any, local.len) < 0)
		return -errno;
	p->bound = *p->path != '@' && lstat(p->path, &p->st) == 0;
	if (o->place.observer && o->place.observer->bound)
		o->place.observer->bound(&o->place, &local);
	return 0;
}

/* A datagram client needs a name to be answered: its own, or one made up. */
static int choose_place(const struct nc_options *o, struct place *p, struct err *err)
{
	char folder[] = "/tmp/nc-XXXXXX";

	if (o->place.source) {
		p->path = str_copy(o->place.source);
		return 0;
	}
	if (!mkdtemp(folder))
		return err_set(err, -errno, "%s: %s", folder, err_reason(-errno));
	p->folder = str_copy(folder);
	p->path = str_format("%s/recv.sock", folder);
	return 0;
}

static int bind_source(const struct nc_options *o, int fd, struct place *p, struct err *err)
{
	int r;

	if (!o->place.datagram)
		return 0;
	r = choose_place(o, p, err);
	if (r < 0)
		return r;
	r = bind_place(o, fd, p);
	return r < 0 ? err_set(err, r, "%s: %s", p->path, err_reason(r)) : 0;
}

static int connect_path(const struct nc_options *o, int fd, struct err *err)
{
	struct net_address to = { 0 };
	int r;

	r = parse_path(o->place.host, &to);
	if (r == 0)
		r = net_connect(fd, &to);
	if (r == 0 || r == -ECANCELED)
		return r;
	if (o->ours.json)
		nc_account_failed(&o->place, &to, r);
	return err_set(err, r, "%s: %s", o->place.host, err_reason(r));
}

/* Takes the socket over. */
static int talk(const struct nc_options *o, int fd, struct place *p, struct err *err)
{
	auto_stream net = nc_stream(fd);
	struct nc_session session = nc_session_of(o);
	int r;

	session.net = net;
	r = bind_source(o, fd, p, err);
	if (r < 0)
		return r;
	r = connect_path(o, fd, err);
	if (r < 0 || o->scan)
		return r;
	return nc_relay(&session, err);
}

int nc_unix_client(const struct nc_options *o, struct err *err)
{
	int fd = nc_socket_open(&o->place, AF_UNIX);
	auto_place place = { .path = NULL };
	int r;

	if (fd < 0)
		return err_set(err, fd, "%s: %s", o->place.host, err_reason(fd));
	r = talk(o, fd, &place, err);
	if (r == -ECANCELED)
		place_remove(&place);
	return MIN(r, 0);
}

static int serve(const struct nc_options *o, int fd, struct place *p, struct err *err)
{
	struct net_address local;
	struct nc_server server;
	int r;

	r = bind_place(o, fd, p);
	if (r == 0 && !o->place.datagram && listen(fd, BACKLOG) < 0)
		r = -errno;
	if (r == 0)
		r = fd_set_nonblock(fd, true);
	if (r < 0)
		return err_set(err, r, "%s", err_reason(r));
	if (!o->place.datagram && o->place.observer && net_address_local(fd, &local) == 0)
		o->place.observer->listening(&o->place, &local);
	server = nc_server_of(o, fd);
	return nc_serve(&server, err);
}

int nc_unix_listen(const struct nc_options *o, struct err *err)
{
	auto_close int fd = nc_socket_open(&o->place, AF_UNIX);
	auto_place place = { .path = str_copy(o->place.host) };
	int r;

	if (fd < 0)
		return err_set(err, fd, "%s", err_reason(fd));
	r = serve(o, fd, &place, err);
	if (r == -ECANCELED)
		place_remove(&place);
	return r;
}
