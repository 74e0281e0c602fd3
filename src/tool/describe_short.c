/* SPDX-License-Identifier: MIT */
/* The short forms: type and address or path, for eyes and for scripts. */

#include "tool/describe.h"

#include "base/platform.h"
#include "base/str.h"
#include "net/address.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENDPOINT_TEXT = NET_ADDRESS_TEXT + 32 };

/* What both forms say about a socket. */
struct endpoints {
	int family, type, protocol;
	bool listening;
	char local[ENDPOINT_TEXT];
	char peer[ENDPOINT_TEXT]; /* empty: there is none */
};

static int get_option(int fd, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) < 0 ? 0 : value;
}

/* `127.0.0.1:80`, `[0000:...:0001]:80`, or the name of a UNIX socket. */
static void format_endpoint(const struct net_address *a, char *out, size_t size)
{
	char host[NET_ADDRESS_TEXT];
	long port = net_address_port(a);

	(void)net_address_host(a, host, sizeof(host));
	if (port < 0)
		(void)snprintf(out, size, "%s", host);
	else
		(void)snprintf(out, size, "%s:%ld", host, port);
}

static void get_endpoints(int fd, struct endpoints *ret)
{
	struct net_address address;

	*ret = (struct endpoints){
		.family = get_option(fd, SO_DOMAIN),
		.type = get_option(fd, SO_TYPE),
		.protocol = get_option(fd, SO_PROTOCOL),
		.listening = get_option(fd, SO_ACCEPTCONN) != 0,
	};
	if (net_address_local(fd, &address) == 0)
		format_endpoint(&address, ret->local, sizeof(ret->local));
	if (net_address_peer(fd, &address) == 0)
		format_endpoint(&address, ret->peer, sizeof(ret->peer));
}

static const char *protocol_word(int protocol)
{
	static const struct {
		int protocol;
		const char *word;
	} words[] = {
		{ IPPROTO_TCP, "tcp" },	  { IPPROTO_UDP, "udp" },   { IPPROTO_UDPLITE, "udplite" },
		{ IPPROTO_SCTP, "sctp" }, { IPPROTO_DCCP, "dccp" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].protocol == protocol)
			return words[i].word;
	return "ip";
}

static const char *type_word(int type)
{
	static const char *const words[] = {
		[SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram",	  [SOCK_RAW] = "raw",
		[SOCK_RDM] = "rdm",	  [SOCK_SEQPACKET] = "seqpacket", [SOCK_DCCP] = "dccp",
	};

	if (type < 0 || (size_t)type >= ARRAY_SIZE(words) || !words[type])
		return "unknown";
	return words[type];
}

static void put_socket_short(FILE *out, int fd)
{
	struct endpoints e;

	get_endpoints(fd, &e);
	if (e.family == AF_INET || e.family == AF_INET6)
		fprintf(out, "%s%s%s %s%s%s\n", protocol_word(e.protocol),
			e.family == AF_INET6 ? "6" : "", e.listening ? "(listening)" : "", e.local,
			e.peer[0] ? " " : "", e.peer);
	else if (e.family == AF_UNIX)
		fprintf(out, "unix%s%s %s\n", e.type == SOCK_DGRAM ? "datagram" : "",
			e.listening ? "(listening)" : "", e.local);
	else
		fprintf(out, "socket(family/domain=%d)\n", e.family);
}

/* Where there is no peer, nothing follows the dash; a socket that does not
 * listen leaves a blank at the end of the line. */
static void put_socket_tidy(FILE *out, int fd)
{
	struct endpoints e;
	const char *state;

	get_endpoints(fd, &e);
	state = e.listening ? "(listening)" : "";
	if (e.family == AF_INET || e.family == AF_INET6)
		fprintf(out, "%s%s %s-%s (%s) %s\n", protocol_word(e.protocol),
			e.family == AF_INET6 ? "6" : "", e.local, e.peer, type_word(e.type), state);
	else if (e.family == AF_UNIX)
		fprintf(out, "unix %s-%s %s %s\n", e.local, e.peer, type_word(e.type), state);
	else
		fprintf(out, "socket(family/domain=%d)\n", e.family);
}

/* The name by which /proc knows an open file. */
static void put_name(FILE *out, int fd, mode_t mode)
{
	char link[64], path[PATH_MAX];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	path[MAX(len, 0)] = '\0';
	fprintf(out, "%s ", describe_type(mode));
	/* `pipe:[123]` is no path; anonymous inodes have no other name. */
	if (path[0] == '/' || (mode & S_IFMT) == 0)
		describe_text(out, path);
	fputc('\n', out);
}

static void put_terminal(FILE *out, int fd)
{
	char name[PATH_MAX];

	fputs("tty ", out);
	if (ttyname_r(fd, name, sizeof(name)) == 0)
		describe_text(out, name);
	fputc('\n', out);
}

static void put_short(FILE *out, int fd, void (*put_socket)(FILE *out, int fd))
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	if (S_ISSOCK(st.st_mode))
		put_socket(out, fd);
	else if (S_ISCHR(st.st_mode) && isatty(fd))
		put_terminal(out, fd);
	else
		put_name(out, fd, st.st_mode);
}

void describe_short(FILE *out, int fd)
{
	put_short(out, fd, put_socket_short);
}

void describe_tidy(FILE *out, int fd)
{
	put_short(out, fd, put_socket_tidy);
}

int describe_path_short(FILE *out, const char *path, struct err *err)
{
	struct stat st;
	int r;

	if (stat(path, &st) < 0) {
		r = -errno;
		return err_set(err, r, "stat(\"%s\"): %s", path, err_reason(r));
	}
	fprintf(out, "%s ", describe_type(st.st_mode));
	describe_text(out, path);
	fputc('\n', out);
	return 0;
}
