/* SPDX-License-Identifier: MIT */
/* The operands of nc, as Debian's netcat reads them: a listener's port may
 * stand behind -p or alone, its address behind -s or in front of the port.
 * Ours is only the form /dev/tcp/HOST/PORT, which is split into both. */

#include "tool/nc_operands.h"

#include "base/str.h"
#include "net/resolve.h"
#include "tool/nc_number.h"
#include "tool/nc_random.h"
#include "tool/nc_socket.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
	const char *prefix, *name;
	int datagram;
} device_paths[] = {
	{ "/dev/tcp/", "/dev/tcp", 0 },
	{ "/dev/udp/", "/dev/udp", 1 },
};

/* The operands while it is being decided what they are. */
struct words {
	const char *host;
	const char *const *ports;
	size_t n_ports;
};

/* Splits `/dev/tcp/HOST/PORT` and sets the protocol.  1 if it was one, 0 if
 * it was not, or -EINVAL. */
static int split_device_path(struct nc_options *o, const char *word, char **ret_host,
			     const char **ret_port, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(device_paths); i++) {
		const char *host = word + strlen(device_paths[i].prefix), *slash;

		if (!str_begins(word, device_paths[i].prefix))
			continue;
		slash = strrchr(host, '/');
		if (!slash || slash == host)
			return err_set(err, -EINVAL, "%s: wants %s/HOST/PORT", word,
				       device_paths[i].name);
		if (o->place.datagram && !device_paths[i].datagram)
			return err_set(err, -EINVAL, "cannot use -u and %s", device_paths[i].name);
		o->place.datagram = device_paths[i].datagram;
		if (o->place.family == AF_UNIX)
			o->place.family = AF_UNSPEC;
		*ret_host = str_copy_n(host, (size_t)(slash - host));
		*ret_port = slash + 1;
		return 1;
	}
	return 0;
}

static bool may_stand_alone(const struct nc_options *o)
{
	bool local_path = o->place.family == AF_UNIX && o->place.datagram && !o->listen;

	return !o->place.source_port && (!o->place.source || local_path);
}

static int assign(const struct nc_options *o, size_t n, const char *const *words, struct words *ret)
{
	*ret = (struct words){ .host = NULL };
	if (n == 0 && o->listen) {
		ret->host = o->place.source;
		ret->ports = &o->place.source_port;
		ret->n_ports = o->place.source_port ? 1 : 0;
	} else if (n == 1 && may_stand_alone(o)) {
		if (o->listen && o->place.family != AF_UNIX)
			*ret = (struct words){ .ports = words, .n_ports = 1 };
		else
			ret->host = words[0];
	} else if (n >= 2 && !(o->listen && (o->place.source || o->place.source_port || n > 2))) {
		*ret = (struct words){ words[0], words + 1, n - 1 };
	} else {
		return NC_USAGE;
	}
	return NC_RUN;
}

static int check(const struct nc_options *o, const struct words *w, struct err *err)
{
	const struct {
		bool wrong;
		const char *sentence;
	} rules[] = {
		{ o->place.family == AF_UNIX && o->place.dccp, "cannot use -Z and -U" },
		{ o->place.family == AF_UNIX && w->n_ports, "cannot use port with -U" },
		{ o->place.family == AF_UNIX && !w->host, "missing socket pathname" },
		{ o->place.family != AF_UNIX && !w->n_ports, "missing port number" },
		{ o->listen && o->scan, "cannot use -z and -l" },
		{ !o->listen && o->keep, "must use -l with -k" },
		{ o->place.family == AF_UNIX && o->pass_socket, "cannot use -F and -U" },
		{ o->proxy && o->place.datagram, "no proxy support for UDP mode" },
		{ o->proxy && o->place.dccp, "no proxy support for DCCP mode" },
		{ o->proxy && o->listen, "no proxy support for listen" },
		{ o->proxy && o->place.family == AF_UNIX, "no proxy support for unix sockets" },
		{ o->proxy && o->place.source, "no proxy support for local source address" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wrong)
			return err_set(err, -EINVAL, "%s", rules[i].sentence);
	return 0;
}

/* `HOST`, `HOST:PORT`, `[HOST]` or `[HOST]:PORT`; without brackets the last colon counts. */
static int split_proxy(struct nc_options *o, struct err *err)
{
	bool has_bracket = *o->proxy == '[';
	char *end;

	o->place.proxy.host = o->proxy_host = str_copy(o->proxy + has_bracket);
	end = has_bracket ? strchr(o->proxy_host, ']') : strrchr(o->proxy_host, ':');
	if (has_bracket && !end)
		return err_set(err, -EINVAL, "missing closing bracket in proxy");
	if (!end)
		return 0;
	*end++ = '\0';
	if (has_bracket && *end && *end++ != ':')
		return err_set(err, -EINVAL, "garbage proxy port delimiter");
	if (!has_bracket || *end)
		o->place.proxy.port = end;
	return 0;
}

static int find_service(const void *context, const char *name, uint16_t *ret)
{
	const struct nc_options *o = context;

	return net_resolve_port(name, nc_socket_protocol(&o->place), ret);
}

static int parse_ports(struct nc_options *o, const struct words *w, struct err *err)
{
	const struct nc_services services = { find_service, o };
	int r;

	for (size_t i = 0; i < w->n_ports; i++) {
		r = nc_ports_add(&o->ports, w->ports[i], &services, err);
		if (r < 0)
			return r;
	}
	if (o->random)
		nc_ports_shuffle(&o->ports, nc_random_below);
	return 0;
}

/* glibc would take 65536 for 0; we say what is wrong. */
static int check_local_port(const char *port, struct err *err)
{
	long long number;
	const char *why;

	if (port && isdigit((unsigned char)*port) &&
	    nc_number(port, 0, UINT16_MAX, &number, &why) == -ERANGE)
		return err_set(err, -EINVAL, "port number %s: %s", why, port);
	return 0;
}

static int keep(struct nc_options *o, const struct words *w, struct err *err)
{
	int r;

	r = check(o, w, err);
	if (r < 0)
		return r;
	r = check_local_port(o->listen && w->n_ports ? w->ports[0] : o->place.source_port, err);
	if (r < 0)
		return r;

	if (o->proxy) {
		r = split_proxy(o, err);
		if (r < 0)
			return r;
	}
	o->place.host = o->host = w->host ? str_copy(w->host) : NULL;
	if (!o->listen)
		return parse_ports(o, w, err);
	if (w->n_ports)
		o->listen_port = str_copy(w->ports[0]);
	return NC_RUN;
}

int nc_operands(struct nc_options *o, size_t n, char **words, struct err *err)
{
	const char *operands[2];
	auto_free char *host = NULL;
	struct words w;
	int r;

	if (n == 1) {
		r = split_device_path(o, words[0], &host, &operands[1], err);
		if (r < 0)
			return r;
		if (r > 0) {
			operands[0] = host;
			r = assign(o, 2, operands, &w);
			return r == NC_RUN ? keep(o, &w, err) : r;
		}
	}
	r = assign(o, n, (const char *const *)words, &w);
	return r == NC_RUN ? keep(o, &w, err) : r;
}
