/* SPDX-License-Identifier: MIT */
/* PROXY: a connection through an HTTP proxy. */

#include "addr/families.h"
#include "addr/ip.h"
#include "addr/transport.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "opt/action.h"
#include "proto/http_connect.h"
#include "task/task.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum { LOGIN_FILE_MAX = 4096 };

static const char default_port[] = "8080";

/* The whole file, a newline at its end included: classic sends that, too. */
static int read_login(const struct opening *o, char **ret)
{
	const struct settings *settings = &o->address->settings;
	ssize_t len;

	if (settings->proxy_login && settings->proxy_login_file)
		return err_set(o->err, -EINVAL,
			       "only one of options \"proxy-authorization\" and "
			       "\"proxy-authorization-file\" is allowed");
	if (settings->proxy_login)
		*ret = str_copy(settings->proxy_login);
	if (!settings->proxy_login_file)
		return 0;
	len = fd_read_file(settings->proxy_login_file, LOGIN_FILE_MAX, ret);
	return len < 0 ? err_set(o->err, (int)len, "proxy-authorization-file \"%s\": %s",
				 settings->proxy_login_file, err_reason((int)len))
		       : 0;
}

/* The host as the proxy gets it: a name, or with proxy-resolve its IPv4 address. */
static int get_host(struct opening *o, const char *host, const char *port, char **ret)
{
	static const struct socket_kind kind = { AF_INET, SOCK_STREAM, IPPROTO_TCP };
	auto_addresses list = { 0 };
	char text[NET_HOST_TEXT];
	int r;

	if (!o->address->settings.proxy_resolve) {
		*ret = str_copy(host);
		return 0;
	}
	r = ip_resolve(o, &kind, host, port, &list);
	if (r < 0 && strchr(host, ':'))
		err_add(o->err, "; option \"resolve\" gives IPv4 addresses only");
	if (r < 0)
		return r;
	*ret = str_copy(net_address_numeric(&list.items[0], text, sizeof(text)));
	return 0;
}

/* Asks for the target, within handshake-timeout; name: of the proxy, for the log. */
static int talk(struct opening *o, struct stream *s, const struct http_connect_request *request,
		const char *name)
{
	const struct proxy_target *to = &request->target;
	struct proxy_answer answer;
	int64_t before;
	int r;

	log_notice("opening connection to %s:%u via proxy %s", to->host, to->port, name);
	before = opening_handshake_limit(o, s, 0);
	r = http_connect(s, request, &answer, o->err);
	(void)task_deadline(before);
	if (r == 0)
		log_notice("successfully connected to %s:%u via proxy %s", to->host, to->port,
			   name);
	return r;
}

static int connect_through(struct opening *o, const struct http_connect_request *request,
			   struct stream **ret)
{
	const struct address *a = o->address;
	const char *port = a->settings.proxy_port ? a->settings.proxy_port : default_port;
	char name[NET_ADDRESS_TEXT];
	auto_stream s = NULL;
	int r;

	r = opening_transport(o, a->params[0], port, &s);
	if (r < 0)
		return r;
	(void)opening_transport_name(o, a->params[0], port, name, sizeof(name));
	r = talk(o, s, request, name);
	if (r == 0)
		*ret = take_ptr(s);
	return r;
}

static int open_with_login(struct opening *o, const char *login, struct stream **ret)
{
	const struct address *a = o->address;
	struct http_connect_request request = {
		.version = a->settings.http_version,
		.login = login,
		.bare_newlines = a->settings.ignore_cr,
	};
	auto_free char *host = NULL;
	int r;

	r = net_resolve_port(a->params[2], IPPROTO_TCP, &request.target.port);
	if (r < 0)
		return err_set(o->err, r, "%s: \"%s\" is no port", a->keyword, a->params[2]);
	r = get_host(o, a->params[1], a->params[2], &host);
	if (r < 0)
		return r;
	request.target.host = host;
	return connect_through(o, &request, ret);
}

static int open_proxy(struct opening *o, struct stream **ret)
{
	auto_free char *login = NULL;
	int r;

	r = read_login(o, &login);
	if (r == 0)
		r = open_with_login(o, login, ret);
	if (login)
		explicit_bzero(login, strlen(login));
	return r;
}

static const struct addr_type rows[] = {
	{ "PROXY PROXY-CONNECT", ":<proxy-server>:<host>:<port>", "connect through an HTTP proxy",
	  GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_IP4 | GROUP_IP6 | GROUP_TCP |
		  GROUP_HTTP,
	  DIR_BOTH, 3, 3, open_proxy, .args = { .type = SOCK_STREAM, .protocol = IPPROTO_TCP } },
};

const struct addr_table proxy_addresses = { rows, ARRAY_SIZE(rows) };

static const struct opt_type options[] = {
	STORED("proxyport", "port or service of the proxy instead of 8080", GROUP_HTTP, PHASE_LATE,
	       string, text, proxy_port),
	STORED("ignorecr", "take lines of the proxy's answer that end without CR", GROUP_HTTP,
	       PHASE_LATE, bool, bool, ignore_cr),
	STORED("http-version", "say this version to the proxy instead of 1.0", GROUP_HTTP,
	       PHASE_LATE, string, text, http_version),
	STORED("proxy-resolve resolve resolv", "look the host up here and send its IPv4 address",
	       GROUP_HTTP, PHASE_LATE, bool, bool, proxy_resolve),
	STORED("proxy-authorization proxy-auth proxyauth", "log in with this \"user:password\"",
	       GROUP_HTTP, PHASE_LATE, string, text, proxy_login),
	STORED("proxy-authorization-file proxyauthfile",
	       "log in with the \"user:password\" in this file", GROUP_HTTP, PHASE_LATE, string,
	       text, proxy_login_file),
};

const struct opt_table proxy_options = { options, ARRAY_SIZE(options) };
