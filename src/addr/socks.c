/* SPDX-License-Identifier: MIT */
/* SOCKS4, SOCKS4A and SOCKS5: what the addresses say, said to the server by proto/. */

#include "addr/families.h"
#include "addr/ip.h"
#include "addr/transport.h"
#include "base/log.h"
#include "opt/action.h"
#include "proto/socks4.h"
#include "proto/socks5.h"
#include "task/task.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

/* The parameters, whether or not they have the server's port in between. */
struct socks_words {
	const char *server, *server_port, *host, *port;
};

/* The server's port: option, parameter, the service's number. */
static const char *server_port(const struct address *a, const char *given)
{
	uint16_t port;

	if (a->settings.socks_port)
		return a->settings.socks_port;
	if (given && *given)
		return given;
	return net_resolve_port("socks", IPPROTO_TCP, &port) == 0 ? "socks" : "1080";
}

static struct socks_words words_of(const struct address *a)
{
	bool has_port = a->n_params == 4;

	return (struct socks_words){
		.server = a->params[0],
		.server_port = server_port(a, has_port ? a->params[1] : NULL),
		.host = a->params[1 + has_port],
		.port = a->params[2 + has_port],
	};
}

static int get_port(const struct opening *o, const char *text, uint16_t *ret)
{
	int r = net_resolve_port(text, IPPROTO_TCP, ret);

	return r < 0 ? err_set(o->err, r, "%s: \"%s\" is no port", o->address->keyword, text) : 0;
}

/* The stream to the server; what is asked of it is told to the log. */
static int reach_server(struct opening *o, const struct socks_words *w, const char *protocol,
			struct stream **ret)
{
	char name[NET_ADDRESS_TEXT];
	int r = opening_transport(o, w->server, w->server_port, ret);

	if (r == 0)
		log_notice("opening connection to %s:%s via %s server %s", w->host, w->port,
			   protocol,
			   opening_transport_name(o, w->server, w->server_port, name,
						  sizeof(name)));
	return r;
}

static int complain(const struct opening *o, const struct socks_words *w, int r,
		    const struct err *reason)
{
	return err_set(o->err, r, "%s: %s:%s: %s", o->address->keyword, w->host, w->port,
		       reason->text);
}

/* In old servers' logs, so never empty. */
static const char *user_of(const struct address *a)
{
	const char *user = a->settings.socks_user;

	if (!user)
		user = getenv("LOGNAME");
	if (!user)
		user = getenv("USER");
	return user ? user : "anonymous";
}

static int open_socks4_request(struct opening *o, const struct socks_words *w,
			       const struct socks4_request *request, struct stream **ret)
{
	struct proxy_answer answer;
	struct err reason = { 0 };
	auto_stream s = NULL;
	int64_t before;
	int r;

	if (o->address->settings.socks_password)
		return err_set(o->err, -EINVAL,
			       "%s: option \"sockspass\": only SOCKS5 has passwords",
			       o->address->keyword);
	r = reach_server(o, w, "socks4", &s);
	if (r < 0)
		return r;
	before = opening_handshake_limit(o, s, 0);
	r = socks4_connect(s, request, &answer, &reason);
	(void)task_deadline(before);
	if (r < 0)
		return complain(o, w, r, &reason);
	log_notice("successfully connected via socks4");
	*ret = take_ptr(s);
	return 0;
}

/* The name is looked up here: SOCKS4 knows IPv4 addresses only. */
static int open_socks4(struct opening *o, struct stream **ret)
{
	static const struct socket_kind kind = { AF_INET, SOCK_STREAM, IPPROTO_TCP };
	struct socks_words w = words_of(o->address);
	struct socks4_request request = { .user = user_of(o->address) };
	auto_addresses list = { 0 };
	int r;

	r = ip_resolve(o, &kind, w.host, w.port, &list);
	if (r < 0 && strchr(w.host, ':'))
		err_add(o->err, "; SOCKS4 carries IPv4 addresses only");
	if (r < 0)
		return r;
	request.address = list.items[0].in.sin_addr;
	request.port = (uint16_t)net_address_port(&list.items[0]);
	return open_socks4_request(o, &w, &request, ret);
}

static int open_socks4a(struct opening *o, struct stream **ret)
{
	struct socks_words w = words_of(o->address);
	struct socks4_request request = { .name = w.host, .user = user_of(o->address) };
	int r;

	r = get_port(o, w.port, &request.port);
	return r < 0 ? r : open_socks4_request(o, &w, &request, ret);
}

static struct proxy_login login_of(const struct address *a)
{
	return (struct proxy_login){ a->settings.socks_user, a->settings.socks_password };
}

/* What is said to a SOCKS5 server once it is reached; 0, or negative with the reason. */
typedef int socks5_talk(struct opening *o, struct stream *s, const struct proxy_target *target,
			struct err *reason);

static int open_socks5_talk(struct opening *o, socks5_talk *talk, struct stream **ret)
{
	struct socks_words w = words_of(o->address);
	struct proxy_target target = { .host = w.host };
	struct err reason = { 0 };
	auto_stream s = NULL;
	int r;

	r = get_port(o, w.port, &target.port);
	if (r == 0)
		r = reach_server(o, &w, "socks5", &s);
	if (r < 0)
		return r;
	r = talk(o, s, &target, &reason);
	if (r < 0)
		return complain(o, &w, r, &reason);
	*ret = take_ptr(s);
	return 0;
}

static int talk_connect(struct opening *o, struct stream *s, const struct proxy_target *target,
			struct err *reason)
{
	struct proxy_login login = login_of(o->address);
	int64_t before = opening_handshake_limit(o, s, 0);
	struct proxy_answer answer;
	int r;

	r = socks5_connect(s, target, &login, &answer, reason);
	(void)task_deadline(before);
	if (r == 0)
		log_notice("successfully connected via socks5");
	return r;
}

static int open_socks5(struct opening *o, struct stream **ret)
{
	return open_socks5_talk(o, talk_connect, ret);
}

/* Who has come to the server may take its time; the rest may not. */
static int talk_bind(struct opening *o, struct stream *s, const struct proxy_target *target,
		     struct err *reason)
{
	struct proxy_login login = login_of(o->address);
	int64_t before = opening_handshake_limit(o, s, 0);
	char text[NET_ADDRESS_TEXT];
	struct proxy_answer answer;
	int r;

	r = socks5_bind(s, target, &login, &answer, reason);
	(void)task_deadline(before);
	if (r < 0)
		return r;
	log_notice("%s: server is listening on %s", o->address->keyword,
		   net_address_text(&answer.address, text, sizeof(text)));
	r = socks5_accept(s, &answer, reason);
	if (r < 0)
		return r;
	log_notice("%s: server has accepted %s", o->address->keyword,
		   net_address_text(&answer.address, text, sizeof(text)));
	if (answer.address.len)
		socket_env(o, NULL, &answer.address);
	return 0;
}

/* A client, though it listens: it is the server that accepts, once. */
static int open_socks5_bind(struct opening *o, struct stream **ret)
{
	return open_socks5_talk(o, talk_bind, ret);
}

#define SOCKS_GROUPS                                                                               \
	(GROUP_FD | GROUP_SOCKET | GROUP_CHILD | GROUP_RETRY | GROUP_IP4 | GROUP_IP6 | GROUP_TCP | \
	 GROUP_SOCKS)
#define SOCKS(names, params, help, least, most, function)                                          \
	{ names, params, help, SOCKS_GROUPS, DIR_BOTH, least, most, function,                      \
	  .args = { .type = SOCK_STREAM, .protocol = IPPROTO_TCP } }

static const struct addr_type rows[] = {
	SOCKS("SOCKS4 SOCKS", ":<socks-server>:<host>:<port>",
	      "connect through a SOCKS4 server, looking the host up here", 3, 3, open_socks4),
	SOCKS("SOCKS4A", ":<socks-server>:<host>:<port>",
	      "connect through a SOCKS4A server, which looks the host up", 3, 3, open_socks4a),
	SOCKS("SOCKS5-CONNECT SOCKS5", ":<socks-server>[:<socks-port>]:<target-host>:<target-port>",
	      "connect through a SOCKS5 server, which looks the host up", 3, 4, open_socks5),
	SOCKS("SOCKS5-LISTEN SOCKS5-BIND",
	      ":<socks-server>[:<socks-port>]:<listen-host>:<listen-port>",
	      "have a SOCKS5 server wait for a connection", 3, 4, open_socks5_bind),
};

const struct addr_table socks_addresses = { rows, ARRAY_SIZE(rows) };

static const struct opt_type options[] = {
	STORED("socksport", "port or service of the SOCKS server", GROUP_SOCKS, PHASE_LATE, string,
	       text, socks_port),
	STORED("socksuser", "say this user to the SOCKS server", GROUP_SOCKS, PHASE_LATE, string,
	       text, socks_user),
	STORED("sockspass", "say this password to the SOCKS5 server", GROUP_SOCKS, PHASE_LATE,
	       string, text, socks_password),
};

const struct opt_table socks_options = { options, ARRAY_SIZE(options) };
