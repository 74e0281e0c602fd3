/* SPDX-License-Identifier: MIT */
/* UNIX domain sockets, with a path or with an abstract name. */

#include "addr/unix.h"

#include "addr/families.h"
#include "addr/socket.h"
#include "base/log.h"
#include "base/str.h"
#include "opt/action.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { TEMPNAME_TRIES = 100 };

static bool is_abstract(const struct opening *o)
{
	return o->address->type->args.abstract;
}

static int make_address(const struct opening *o, const char *name, size_t len,
			struct net_address *ret)
{
	bool tight = !o->address->settings.loose_length;
	int r;

	if (len == 0 && !is_abstract(o)) /* bind(2) would choose a name by itself */
		return err_set(o->err, -EINVAL, "%s: the socket's path is empty",
			       o->address->keyword);

	r = is_abstract(o) ? net_address_abstract(name, len, tight, ret)
			   : net_address_unix(name, tight, ret);
	if (r < 0)
		return err_set(o->err, r, "%s: \"%s\" is longer than the %d bytes of a socket name",
			       o->address->keyword, name, NET_UNIX_PATH_MAX - is_abstract(o));
	return 0;
}

/* Binds and, with a path, applies the options of the new entry.  The mode is set
 * on the socket first, so that the entry is never open to more than it says. */
static int bind_entry(struct opening *o, int fd, const char *name, size_t len,
		      struct owned_path *owned)
{
	const char *path = is_abstract(o) ? NULL : name;
	const struct option *perm;
	struct net_address local;
	int r;

	r = make_address(o, name, len, &local);
	if (r < 0)
		return r;
	perm = path ? opt_get(&o->address->options, "perm") : NULL;
	if (perm && fchmod(fd, (mode_t)perm->value.number[0]) < 0)
		return err_set(o->err, -errno, "fchmod(%d): %s", fd, err_reason(-errno));
	r = socket_bind(o, fd, &local, path);
	if (r < 0)
		return r;
	if (!path)
		return 0;
	if (o->address->settings.unlink_close != 0)
		owned_path_set(owned, path);
	r = opening_apply_new(o, PHASE_FD, path);
	return r < 0 ? r : opening_apply_new(o, PHASE_PREOPEN, path);
}

static int new_socket(struct opening *o, int default_type)
{
	struct socket_kind kind;
	int r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	if (o->address->settings.type < 0)
		kind.type = default_type;
	return socket_new(o, &kind);
}

/* A name nobody has: the template's X are replaced until bind succeeds. */
static int bind_tempname(struct opening *o, int fd, struct owned_path *owned)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *template = o->address->settings.bind_tempname;
	auto_free char *name = str_copy(*template ? template : "/tmp/socat-bind.XXXXXX");
	size_t len = strlen(name), from = len;
	int r = -EADDRINUSE;

	while (from && name[from - 1] == 'X')
		from--;
	if (len - from < 6)
		return err_set(o->err, -EINVAL, "bind-tempname \"%s\" does not end in XXXXXX",
			       name);
	for (int i = 0; r == -EADDRINUSE && i < TEMPNAME_TRIES; i++) {
		for (size_t k = from; k < len; k++) {
			unsigned char random = 0;

			if (getrandom(&random, 1, 0) != 1)
				return err_set(o->err, -errno, "getrandom(): %s",
					       err_reason(-errno));
			name[k] = letters[random % (sizeof(letters) - 1)];
		}
		r = bind_entry(o, fd, name, len, owned);
	}
	return r;
}

/* A client's own name, if it was asked for. */
static int bind_client(struct opening *o, int fd, struct owned_path *owned)
{
	const struct settings *settings = &o->address->settings;
	int r;

	(void)opening_take(o, "bind");
	(void)opening_take(o, "unix-bind-tempname");
	if (settings->bind) {
		/* What early options remove is our own entry, never the server's. */
		r = opening_apply_named(o, PHASE_EARLY, is_abstract(o) ? NULL : settings->bind);
		if (r < 0)
			return r;
		return bind_entry(o, fd, settings->bind, strlen(settings->bind), owned);
	}
	if (settings->bind_tempname)
		return bind_tempname(o, fd, owned);
	return socket_leave_unbound(o, fd);
}

/* One connection of the given type.  The error names no descriptor, as in
 * classic. */
static int connect_type(struct opening *o, int type, const char *name, size_t len,
			struct stream **ret)
{
	struct owned_path owned = { 0 };
	char text[NET_ADDRESS_TEXT];
	struct net_address peer;
	auto_close int fd = -1;
	int r;

	fd = new_socket(o, type);
	if (fd < 0)
		return fd;
	r = make_address(o, name, len, &peer);
	if (r == 0)
		r = bind_client(o, fd, &owned); /* before FD: owner and mode are the entry's */
	if (r == 0)
		r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r == 0) {
		r = socket_connect(o, fd, &peer);
		if (r < 0)
			err_set(o->err, r, "connect(, %s, %u): %s",
				net_address_text(&peer, text, sizeof(text)), peer.len,
				err_reason(r));
	}
	if (r < 0) {
		owned_path_done(&owned);
		return r;
	}
	log_notice("successfully connected to %s", net_address_text(&peer, text, sizeof(text)));
	*ret = socket_stream(take_fd(&fd), o);
	(*ret)->path = owned;
	return 0;
}

static int open_connect(struct opening *o, struct stream **ret)
{
	const struct address *a = o->address;

	log_notice("opening connection to AF=1 \"%s\"", a->params[0]);
	return connect_type(o, SOCK_STREAM, a->params[0], a->param_len[0], ret);
}

static bool is_other_type(const struct opening *o, int r)
{
	return r == -EPROTOTYPE || (is_abstract(o) && r == -ECONNREFUSED);
}

static int open_any_type(struct opening *o, const char *who, const char *name, size_t len,
			 struct stream **ret)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	struct opt_used before = o->used;
	int r = -EPROTOTYPE;

	log_notice("opening connection to AF=1 \"%s\"", name);
	for (size_t i = 0; i < ARRAY_SIZE(types) && is_other_type(o, r); i++) {
		o->used = before;
		o->unanswered = false;
		r = connect_type(o, types[i], name, len, ret);
		if (o->address->settings.type >= 0)
			break;
	}
	if (r == 0 || r == -ECANCELED || !o->unanswered)
		return r;
	return err_set(o->err, r, "%s: %s: %s", who, name, err_reason(r));
}

static int open_client(struct opening *o, struct stream **ret)
{
	const struct address *a = o->address;

	return open_any_type(o, a->keyword, a->params[0], a->param_len[0], ret);
}

int unix_open_client(struct opening *o, const char *who, const char *path, struct stream **ret)
{
	return open_any_type(o, who, path, strlen(path), ret);
}

static int open_sendto(struct opening *o, struct stream **ret)
{
	const struct address *a = o->address;
	struct owned_path owned = { 0 };
	char text[NET_ADDRESS_TEXT];
	struct net_address peer;
	auto_close int fd = -1;
	int r;

	r = make_address(o, a->params[0], a->param_len[0], &peer);
	if (r < 0)
		return r;
	fd = new_socket(o, SOCK_DGRAM);
	if (fd < 0)
		return fd;
	r = bind_client(o, fd, &owned);
	if (r == 0)
		r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r == 0)
		r = opening_apply(o, PHASE_CONNECTED, fd, NULL);
	if (r < 0) {
		owned_path_done(&owned);
		return r;
	}
	log_notice("successfully prepared local socket for %s",
		   net_address_text(&peer, text, sizeof(text)));
	*ret = stream_new_packets(take_fd(&fd), &peer);
	(*ret)->datagrams->peer_only = true;
	(*ret)->path = owned;
	return 0;
}

/* A socket that serves at the address: nothing may be there already. */
static int serve(struct opening *o, int type, struct owned_path *owned)
{
	const struct address *a = o->address;
	const char *path = is_abstract(o) ? NULL : a->params[0];
	auto_close int fd = -1;
	struct stat st;
	int r;

	if (a->settings.bind)
		return err_set(o->err, -EINVAL, "%s:%s: binds implicitly, bind option not allowed",
			       a->keyword, a->params[0]);
	r = path ? opening_apply_named(o, PHASE_EARLY, path) : 0;
	if (r < 0)
		return r;
	if (path && lstat(path, &st) == 0)
		return err_set(o->err, -EEXIST, "\"%s\" exists", path);
	fd = new_socket(o, type);
	if (fd < 0)
		return fd;
	r = bind_entry(o, fd, a->params[0], a->param_len[0], owned);
	if (r < 0) {
		owned_path_done(owned);
		return r;
	}
	return take_fd(&fd);
}

static int listen_stream(struct opening *o, struct listener **ret)
{
	struct owned_path owned = { 0 };
	int fd, r;

	fd = serve(o, SOCK_STREAM, &owned);
	if (fd < 0)
		return fd;
	r = socket_listen(o, fd, ret);
	if (r < 0) {
		owned_path_done(&owned);
		return r;
	}
	(*ret)->path = owned;
	return 0;
}

static int open_recv(struct opening *o, struct stream **ret)
{
	struct owned_path owned = { 0 };
	char text[NET_ADDRESS_TEXT];
	struct net_address local;
	int fd, r;

	fd = serve(o, SOCK_DGRAM, &owned);
	if (fd < 0)
		return fd;
	*ret = stream_new_packets(fd, NULL);
	(*ret)->shut = SHUT_NONE;
	if (!(o->wanted & DIR_WRITE))
		(*ret)->wfd = -1;
	(*ret)->path = owned;
	r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r < 0) {
		*ret = stream_free(*ret);
		return r;
	}
	if (net_address_local(fd, &local) == 0)
		log_notice("receiving on %s", net_address_text(&local, text, sizeof(text)));
	return 0;
}

static int listen_recvfrom(struct opening *o, struct listener **ret)
{
	struct owned_path owned = { 0 };
	int fd, r;

	fd = serve(o, SOCK_DGRAM, &owned);
	if (fd < 0)
		return fd;
	r = packet_listen(o, fd, ret);
	if (r < 0) {
		owned_path_done(&owned);
		return r;
	}
	(*ret)->path = owned;
	return 0;
}

#define UNIX_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_RETRY | GROUP_UNIX)
#define PATH_GROUPS (UNIX_GROUPS | GROUP_NAMED)
#define NAME ":<filename>"
#define ARGS(kind, is_abstract_name)                                                               \
	.args = { .family = AF_UNIX, .type = (kind), .abstract = (is_abstract_name) }

static const struct addr_type rows[] = {
	{ "UNIX-CONNECT LOCAL", NAME, "connect to a UNIX stream socket", PATH_GROUPS, DIR_BOTH, 1,
	  1, open_connect, ARGS(SOCK_STREAM, false) },
	{ "UNIX-CLIENT UNIX", NAME, "connect to a UNIX socket of whatever type", PATH_GROUPS,
	  DIR_BOTH, 1, 1, open_client, ARGS(SOCK_STREAM, false) },
	{ "UNIX-LISTEN UNIX-L", NAME, "wait for a connection on a UNIX socket",
	  PATH_GROUPS | GROUP_LISTEN | GROUP_CHILD, DIR_BOTH, 1, 1, NULL, listen_stream,
	  ARGS(SOCK_STREAM, false) },
	{ "UNIX-SENDTO UNIX-SEND", NAME, "send packets to a UNIX datagram socket", PATH_GROUPS,
	  DIR_BOTH, 1, 1, open_sendto, ARGS(SOCK_DGRAM, false) },
	{ "UNIX-RECVFROM", NAME, "take one packet on a UNIX socket and answer its sender",
	  PATH_GROUPS | GROUP_CHILD, DIR_BOTH, 1, 1, NULL, listen_recvfrom,
	  ARGS(SOCK_DGRAM, false) },
	{ "UNIX-RECV", NAME, "read the packets of everybody on a UNIX socket", PATH_GROUPS,
	  DIR_READ, 1, 1, open_recv, ARGS(SOCK_DGRAM, false) },
	{ "ABSTRACT-CONNECT", NAME, "connect to an abstract UNIX stream socket", UNIX_GROUPS,
	  DIR_BOTH, 1, 1, open_connect, ARGS(SOCK_STREAM, true) },
	{ "ABSTRACT-CLIENT ABSTRACT", NAME, "connect to an abstract UNIX socket of whatever type",
	  UNIX_GROUPS, DIR_BOTH, 1, 1, open_client, ARGS(SOCK_STREAM, true) },
	{ "ABSTRACT-LISTEN", NAME, "wait for a connection on an abstract UNIX socket",
	  UNIX_GROUPS | GROUP_LISTEN | GROUP_CHILD, DIR_BOTH, 1, 1, NULL, listen_stream,
	  ARGS(SOCK_STREAM, true) },
	{ "ABSTRACT-SENDTO", NAME, "send packets to an abstract UNIX datagram socket", UNIX_GROUPS,
	  DIR_BOTH, 1, 1, open_sendto, ARGS(SOCK_DGRAM, true) },
	{ "ABSTRACT-RECVFROM", NAME,
	  "take one packet on an abstract UNIX socket, answer its sender",
	  UNIX_GROUPS | GROUP_CHILD, DIR_BOTH, 1, 1, NULL, listen_recvfrom,
	  ARGS(SOCK_DGRAM, true) },
	{ "ABSTRACT-RECV", NAME, "read the packets of everybody on an abstract UNIX socket",
	  UNIX_GROUPS, DIR_READ, 1, 1, open_recv, ARGS(SOCK_DGRAM, true) },
};

const struct addr_table unix_addresses = { rows, ARRAY_SIZE(rows) };

static int store_loose_length(const struct option *option, const struct opt_target *target, int fd,
			      struct err *err)
{
	struct settings *settings = target->settings;

	(void)fd;
	(void)err;
	settings->loose_length = option->value.number[0] == 0;
	return 0;
}

static const struct opt_type options[] = {
	{ "unix-bind-tempname bind-tempname", "bind a client to a new name made from this template",
	  GROUP_UNIX, PHASE_PREOPEN, SCOPE_TAKEN, &value_string_optional, opt_store_text,
	  { .offset = offsetof(struct settings, bind_tempname) } },
	{ "unix-tightsocklen tightsocklen", "give only the used bytes of the socket name",
	  GROUP_UNIX, PHASE_PREBIND, SCOPE_SETTINGS, &value_bool, store_loose_length },
};

const struct opt_table unix_options = { options, ARRAY_SIZE(options) };
