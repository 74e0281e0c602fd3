/* SPDX-License-Identifier: MIT */
/* The ports, addresses and paths of the tutorial: used as they stand where they
 * are free, replaced by others where they are not. */

#include "tool/tour.h"

#include "base/fd.h"
#include "base/str.h"
#include "net/address.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PROC_NET_MAX = 16 << 20, OTHER_PORT_TRIES = 20 };

static const char own_address[] = "10.0.100.52";
static const char *const socket_files[] = { "/tmp/stream.sock", "/tmp/datagram.sock" };

void tour_places_add(struct tour_places *places, const char *written, const char *used)
{
	places->items[places->n++] = (struct tour_place){ written, str_copy(used) };
}

/* Binds as socat will.  0 or -errno; a family that the kernel lacks takes no
 * port.  *port 0 asks for a free one. */
static int try_port(int family, int type, uint16_t *port)
{
	auto_close int fd = socket(family, type | SOCK_CLOEXEC, 0);
	struct net_address address;

	if (fd < 0)
		return errno == EAFNOSUPPORT ? 0 : -errno;
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int));
	net_address_any(&address, family, *port);
	if (bind(fd, &address.any, address.len) < 0)
		return errno == EADDRNOTAVAIL ? 0 : -errno;
	if (*port == 0 && net_address_local(fd, &address) == 0)
		*port = (uint16_t)net_address_port(&address);
	return 0;
}

static int try_both(int type, uint16_t *port)
{
	int r = try_port(AF_INET, type, port);

	return r < 0 ? r : try_port(AF_INET6, type, port);
}

/* service is the name that nc shows for the tutorial's port. */
static int choose_port(struct tour_places *places, const char *written, int type,
		       const char *service, struct err *err)
{
	uint16_t port = (uint16_t)strtoul(written, NULL, 10);
	auto_free char *used = NULL;
	int reason, r;

	reason = try_both(type, &port);
	if (reason == 0)
		return 0;

	for (int i = 0; i < OTHER_PORT_TRIES; i++) {
		port = 0;
		r = try_both(type, &port);
		if (r == 0)
			break;
	}
	if (r < 0)
		return err_set(err, r, "no free port: %s", err_reason(r));

	used = str_format("%u", (unsigned int)port);
	printf("note: port %s cannot be used (%s); %s stands for it\n", written, err_reason(reason),
	       used);
	tour_places_add(places, written, used);
	tour_places_add(places, service, "[^]]+");
	return 0;
}

/* The address of the tutorial if this system has it, else the first one that is
 * not loopback, else a second loopback address. */
static void find_address(const struct ifaddrs *list, char *ret, size_t size)
{
	char text[NET_HOST_TEXT];

	(void)snprintf(ret, size, "127.0.0.2");
	for (; list; list = list->ifa_next) {
		struct net_address address = { .len = sizeof(address.in) };

		if (!list->ifa_addr || list->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&address.in, list->ifa_addr, sizeof(address.in));
		(void)net_address_numeric(&address, text, sizeof(text));
		if (str_equal(text, own_address) ||
		    (str_begins(ret, "127.") && !str_begins(text, "127.")))
			(void)snprintf(ret, size, "%s", text);
	}
}

static void choose_address(struct tour_places *places)
{
	char used[NET_HOST_TEXT];
	struct ifaddrs *list;

	if (getifaddrs(&list) < 0)
		list = NULL;
	find_address(list, used, sizeof(used));
	if (list)
		freeifaddrs(list);
	if (str_equal(used, own_address))
		return;
	printf("note: %s is not an address of this system; %s stands for it\n", own_address, used);
	tour_places_add(places, own_address, used);
}

static int choose_folder(struct tour_places *places, struct err *err)
{
	char folder[] = "/tmp/sockbox-files.XXXXXX";
	const char *taken = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(socket_files); i++)
		if (access(socket_files[i], F_OK) == 0)
			taken = socket_files[i];
	if (!taken)
		return 0;

	if (!mkdtemp(folder))
		return err_set(err, -errno, "%s: %s", folder, err_reason(-errno));
	printf("note: %s is there already; the folder %s stands for /tmp\n", taken, folder);
	places->folder = str_copy(folder);
	tour_places_add(places, "/tmp", folder);
	return 0;
}

bool tour_mentions(const struct tour_section *section, const char *word)
{
	for (size_t i = 0; i < section->n_steps; i++)
		if (strstr(section->steps[i].command, word))
			return true;
	return false;
}

int tour_places_find(struct tour_places *ret, const struct tour_section *section, struct err *err)
{
	auto_places places = { .n = 0 };
	int r = 0;

	if (tour_mentions(section, "/tmp/"))
		r = choose_folder(&places, err);
	if (r == 0 && tour_mentions(section, ":8080"))
		r = choose_port(&places, "8080", SOCK_STREAM, "http-alt", err);
	if (r == 0 && tour_mentions(section, ":123"))
		r = choose_port(&places, "123", SOCK_DGRAM, "ntp", err);
	if (r < 0)
		return r;
	if (tour_mentions(section, own_address))
		choose_address(&places);

	*ret = places;
	places = (struct tour_places){ .n = 0 };
	return 0;
}

/* In one pass, so that what stands in is never replaced again. */
char *tour_places_apply(const struct tour_places *places, const char *text)
{
	auto_buf out = { .max = 0 };

	while (*text) {
		const struct tour_place *place = NULL;

		for (size_t i = 0; i < places->n && !place; i++)
			if (str_begins(text, places->items[i].written))
				place = &places->items[i];
		if (place) {
			buf_put_text(&out, place->used);
			text += strlen(place->written);
		} else {
			buf_put_byte(&out, *text++);
		}
	}
	return buf_take(&out);
}

void tour_places_done(struct tour_places *places)
{
	for (size_t i = 0; places->folder && i < ARRAY_SIZE(socket_files); i++) {
		auto_free char *path = tour_places_apply(places, socket_files[i]);

		(void)unlink(path);
	}
	if (places->folder)
		(void)rmdir(places->folder);
	free(places->folder);
	for (size_t i = 0; i < places->n; i++)
		free(places->items[i].used);
	*places = (struct tour_places){ .n = 0 };
}

/* One line of /proc/net/tcp and its like: local address, peer, state in hex. */
static bool line_listens(const char *line, unsigned int port, unsigned int state)
{
	unsigned int line_port, line_state;

	return sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*s %x", &line_port, &line_state) == 2 &&
	       line_port == port && line_state == state;
}

/* One line of /proc/net/unix, `number: references protocol flags type state
 * inode path`: a datagram socket is bound, all others accept connections. */
static bool line_is_bound(const char *line, const char *path)
{
	const unsigned int ACCEPTS = 0x10000;
	const char *slash = line + strcspn(line, "/\n"); /* most lines have no path */
	unsigned int flags, type;

	if (strcspn(slash, "\n") != strlen(path) || !str_begins(slash, path))
		return false;
	return sscanf(line, "%*x: %*x %*x %x %x", &flags, &type) == 2 &&
	       (type == SOCK_DGRAM || (flags & ACCEPTS));
}

bool tour_is_listed(const char *table, const char *what)
{
	const unsigned int LISTEN = 10, UNCONNECTED = 7;
	const char *place = strchr(what, ' ') + 1;
	unsigned int port = (unsigned int)strtoul(place, NULL, 10);
	unsigned int state = str_begins(what, "tcp") ? LISTEN : UNCONNECTED;

	for (const char *line = strchr(table, '\n'); line; line = strchr(line, '\n')) {
		line++;
		if (*place == '/' ? line_is_bound(line, place) : line_listens(line, port, state))
			return true;
	}
	return false;
}

bool tour_listens(const char *what)
{
	auto_free char *path = str_format("/proc/net/%.*s", (int)strcspn(what, " "), what);
	auto_free char *table = NULL;

	return fd_read_file(path, PROC_NET_MAX, &table) >= 0 && tour_is_listed(table, what);
}
