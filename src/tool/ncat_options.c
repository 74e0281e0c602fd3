/* SPDX-License-Identifier: MIT */
/* The options of ncat as rows, and what its operands mean. */

#include "tool/ncat_options.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PORT_DEFAULT = 31337, CONNECT_LIMIT = 10 * CLOCK_US_PER_S };

#define FIELD(name) offsetof(struct ncat_options, name)
#define TLS(name) offsetof(struct ncat_options, ours.tls.name)
#define NO_SCTP "SCTP is not available; socat SCTP-CONNECT and SCTP-LISTEN speak it. QUITTING."
#define NO_ROUTE "Source routes are not available: hosts drop such packets. QUITTING."
#define NO_LUA \
	"Lua is not part of this program: run a script with -e \"/usr/bin/lua FILE\". QUITTING."

static const struct nc_option rows[] = {
	{ '4', NULL, NULL, "IPv4 only", OPTION_SET, FIELD(place.family), AF_INET },
	{ '6', NULL, NULL, "IPv6 only", OPTION_SET, FIELD(place.family), AF_INET6 },
	{ 'U', "unixsock", NULL, "UNIX domain sockets; the operand is a path", OPTION_SET,
	  FIELD(place.family), AF_UNIX },
	{ 0, "vsock", NULL, "sockets between virtual machines; the operands are CID and port",
	  OPTION_SET, FIELD(place.family), AF_VSOCK },
	{ 'u', "udp", NULL, "datagrams: UDP, or with -U UNIX datagrams", OPTION_FLAG,
	  FIELD(place.datagram) },
	{ 0, "sctp", NULL, "(refused)", OPTION_REFUSED, 0, .noun = NO_SCTP },
	{ 'C', "crlf", NULL, "end the lines sent with CR LF", OPTION_FLAG, FIELD(crlf) },
	{ 'c', "sh-exec", "command", "run this with /bin/sh, on the connection", OPTION_TEXT,
	  FIELD(shell) },
	{ 'e', "exec", "program", "run this program, on the connection", OPTION_TEXT, FIELD(exec) },
	{ 0, "lua-exec", "file", "(refused)", OPTION_REFUSED, 0, .noun = NO_LUA },
	{ 'g', NULL, "hop,...", "(refused)", OPTION_REFUSED, 0, .noun = NO_ROUTE },
	{ 'G', NULL, "pointer", "(refused)", OPTION_REFUSED, 0, .noun = NO_ROUTE },
	{ 'm', "max-conns", "count", "at most so many clients at once (100)", OPTION_NUMBER,
	  FIELD(max_conns), 1, INT_MAX, "maximum number of connections" },
	{ 'd', "delay", "time", "wait that long around each read and write", OPTION_TIME,
	  FIELD(delay), .noun = "-d delay" },
	{ 'o', "output", "file", "write a copy of all data into a file", OPTION_TEXT, FIELD(dump) },
	{ 'x', "hex-dump", "file", "the same, in hexadecimal", OPTION_TEXT, FIELD(hex_dump) },
	{ 0, "append-output", NULL, "keep what is in these files", OPTION_FLAG, FIELD(append) },
	{ 'i', "idle-timeout", "time", "end after that long without data", OPTION_TIME, FIELD(idle),
	  .noun = "-i timeout" },
	{ 'p', "source-port", "port", "local port, or the one to listen on", OPTION_TEXT,
	  FIELD(source_port) },
	{ 's', "source", "address", "local address", OPTION_TEXT, FIELD(place.source) },
	{ 'l', "listen", NULL, "wait for a client instead of connecting", OPTION_FLAG,
	  FIELD(listen) },
	{ 'k', "keep-open", NULL, "with -l: many clients, at the same time", OPTION_FLAG,
	  FIELD(keep) },
	{ 'n', "nodns", NULL, "numbers only, look no names up", OPTION_FLAG, FIELD(place.numeric) },
	{ 't', "telnet", NULL, "refuse what a telnet peer offers and requests", OPTION_FLAG,
	  FIELD(telnet) },
	{ 'v', "verbose", NULL, "say what happens", OPTION_FLAG, FIELD(verbose) },
	{ 'w', "wait", "time", "limit for connecting (10s)", OPTION_TIME, FIELD(wait),
	  .noun = "-w timeout" },
	{ 'z', NULL, NULL, "connect and close: only the exit status counts", OPTION_FLAG,
	  FIELD(zero) },
	{ 0, "send-only", NULL, "only send; end with standard input", OPTION_FLAG,
	  FIELD(send_only) },
	{ 0, "recv-only", NULL, "only receive; end with the peer", OPTION_FLAG, FIELD(recv_only) },
	{ 0, "no-shutdown", NULL, "do not tell the peer when standard input has ended", OPTION_FLAG,
	  FIELD(no_shutdown) },
	{ 0, "allow", "host,...", "only these may connect: 10.0.0.0/8, 10.0.1-5.*, names",
	  OPTION_LIST, FIELD(allow) },
	{ 0, "allowfile", "file", "the same, from a file", OPTION_LIST, FIELD(allow_files) },
	{ 0, "deny", "host,...", "these may not connect, whoever is allowed", OPTION_LIST,
	  FIELD(deny) },
	{ 0, "denyfile", "file", "the same, from a file", OPTION_LIST, FIELD(deny_files) },
	{ 0, "broker", NULL, "listen, and give to all clients what each of them says", OPTION_FLAG,
	  FIELD(broker) },
	{ 0, "chat", NULL, "the same, telling who said it", OPTION_FLAG, FIELD(chat) },
	{ 0, "talk", NULL, "the same (its old name)", OPTION_FLAG, FIELD(chat) },
	{ 0, "proxy", "host[:port]", "connect through a proxy", OPTION_TEXT, FIELD(proxy) },
	{ 0, "proxy-type", "type", "http, socks4 or socks5; with -l http: be such a proxy",
	  OPTION_TEXT, FIELD(proxy_type) },
	{ 0, "proxy-auth", "user:password", "login at the proxy (or from NCAT_PROXY_AUTH)",
	  OPTION_TEXT, FIELD(proxy_auth) },
	{ 0, "proxy-dns", "who", "who looks up the name: remote, local, both or none", OPTION_TEXT,
	  FIELD(proxy_dns) },
	{ 0, "ssl", NULL, "TLS (certificates are verified with --ssl-verify only)", OPTION_FLAG,
	  FIELD(ssl) },
	{ 0, "ssl-cert", "file", "our certificate (PEM)", OPTION_TEXT,
	  FIELD(ssl_texts.certificate) },
	{ 0, "ssl-key", "file", "its key (PEM)", OPTION_TEXT, FIELD(ssl_texts.key) },
	{ 0, "ssl-verify", NULL, "verify the server's certificate and its name", OPTION_FLAG,
	  TLS(verify) },
	{ 0, "ssl-trustfile", "file", "whom to trust (PEM), besides the system's authorities",
	  OPTION_TEXT, FIELD(ssl_texts.ca) },
	{ 0, "ssl-ciphers", "list", "ciphers, in the words of OpenSSL", OPTION_TEXT, TLS(ciphers) },
	{ 0, "ssl-servername", "name", "server name to ask for", OPTION_TEXT, TLS(server_name) },
	{ 0, "ssl-alpn", "protocol,...", "application protocols to ask for", OPTION_TEXT,
	  FIELD(ssl_texts.alpn) },
	{ 0, "test", NULL, "say NCAT TEST: LISTEN once somebody can connect", OPTION_FLAG,
	  FIELD(test) },
	{ 'h', "help", NULL, "print this help", OPTION_REQUEST, 0, NCAT_HELP },
	{ 0, "version", NULL, "print the version", OPTION_REQUEST, 0, NCAT_VERSION },
};

/* Operands. */

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static int store_port(struct ncat_options *o, const char *text, struct err *err)
{
	long long port;

	if (num_parse_decimal(text, o->listen ? 0 : 1, UINT16_MAX, &port) < 0)
		return err_set(err, -EINVAL, "Invalid port number \"%s\". QUITTING.", text);
	o->port = (uint16_t)port;
	return 0;
}

/* -p */
static int check_source_port(const struct ncat_options *o, struct err *err)
{
	long long port;

	if (num_parse_decimal(o->source_port, 0, UINT16_MAX, &port) == 0)
		return 0;
	if (is_number(o->source_port))
		return err_set(err, -EINVAL, "Invalid source port %s. QUITTING.", o->source_port);
	return err_set(err, -EINVAL, "Invalid source port number \"%s\". QUITTING.",
		       o->source_port);
}

/* first: of -p, or NULL */
static int too_many(const char *first, char **words, size_t n, struct err *err)
{
	auto_buf list = { 0 };

	if (first)
		buf_format(&list, "%s ", first);
	for (size_t i = 0; i < n; i++)
		buf_format(&list, "%s%s", i ? " " : "", words[i]);
	return err_set(err, -EINVAL, "Got more than one port specification: %s. QUITTING.",
		       buf_text(&list));
}

static int vsock_operands(struct ncat_options *o, char **words, size_t n, struct err *err)
{
	long long cid = (long long)VMADDR_CID_ANY, port = PORT_DEFAULT;

	if (n > 2)
		return too_many(NULL, words + 1, n - 1, err);
	if (n == 2 || (n == 1 && !o->listen)) {
		if (num_parse_decimal(words[0], 0, UINT32_MAX, &cid) < 0)
			return err_set(err, -EINVAL, "Invalid CID \"%s\". QUITTING.", words[0]);
		o->place.host = words[0];
	}
	if ((n == 2 || (n == 1 && o->listen)) &&
	    num_parse_decimal(words[n - 1], 0, UINT32_MAX, &port) < 0)
		return err_set(err, -EINVAL, "Invalid port number \"%s\". QUITTING.", words[n - 1]);
	o->vsock_cid = (unsigned int)cid;
	o->vsock_port = (unsigned int)port;
	return 0;
}

/* A word of digits is a port; the first other word is the host. */
static int ip_operands(struct ncat_options *o, char **words, size_t n, struct err *err)
{
	o->port = o->listen && o->proxy_type && str_equal(o->proxy_type, "http") ? 3128
										 : PORT_DEFAULT;
	if (n && !is_number(words[0])) {
		o->place.host = words[0];
		words++;
		n--;
	}
	if (!o->listen && !o->place.host)
		return 0; /* which ncat_rules.c tells, whatever the ports are */
	if (o->listen && o->source_port && n)
		return too_many(o->source_port, words, n, err);
	if (n > 1)
		return too_many(NULL, words, n, err);
	if (o->listen && o->source_port && check_source_port(o, err) < 0)
		return -EINVAL;
	if (o->listen && o->source_port)
		return store_port(o, o->source_port, err);
	return n ? store_port(o, words[0], err) : 0;
}

/* A path needs no port, but as with nmap's one may stand behind it. */
static int operands(struct ncat_options *o, char **words, size_t n, struct err *err)
{
	if (o->place.family == AF_UNIX) {
		if (n > 2)
			return too_many(NULL, words + 1, n - 1, err);
		o->place.host = n ? words[0] : NULL;
		return 0;
	}
	return o->vsock ? vsock_operands(o, words, n, err) : ip_operands(o, words, n, err);
}

/* -p of a client. */
static int source_port(struct ncat_options *o, struct err *err)
{
	if (o->listen || !o->source_port || o->place.family == AF_UNIX)
		return 0;
	o->place.source_port = o->source_port;
	return check_source_port(o, err);
}

/* "host", "host:port", "[v6]", "[v6]:port", "v6" */
static int proxy_operand(struct ncat_options *o, struct err *err)
{
	const char *host = o->proxy, *colon;
	size_t len;

	if (!host)
		return 0;
	if (*host == '[') {
		len = strcspn(++host, "]");
		if (!host[len])
			return err_set(err, -EINVAL, "Invalid proxy IPv6 address \"%s\". QUITTING.",
				       o->proxy);
		colon = host + len + 1;
	} else {
		colon = strchrnul(host, ':');
		if (*colon && strchr(colon + 1, ':'))
			colon += strlen(colon);
		len = (size_t)(colon - host);
	}
	if (!len || (*colon && *colon != ':'))
		return err_set(err, -EINVAL, "Invalid proxy \"%s\". QUITTING.", o->proxy);
	if (*colon && colon[1] && !is_number(colon + 1))
		return err_set(err, -EINVAL, "Invalid proxy port number \"%s\". QUITTING.",
			       colon + 1);
	o->proxy_host = str_copy_n(host, len);
	if (*colon && colon[1])
		o->proxy_port = str_copy(colon + 1);
	return 0;
}

static int proxy_kind(struct ncat_options *o, struct err *err)
{
	static const struct {
		const char *word;
		enum nc_proxy_kind kind;
	} kinds[] = {
		{ "http", NC_PROXY_HTTP },     { "socks4", NC_PROXY_SOCKS4A },
		{ "socks5", NC_PROXY_SOCKS5 }, { "4", NC_PROXY_SOCKS4A },
		{ "5", NC_PROXY_SOCKS5 },
	};
	const char *type = o->proxy_type ? o->proxy_type : "http";
	size_t i = 0;

	while (i < ARRAY_SIZE(kinds) && !str_equal(kinds[i].word, type))
		i++;
	if (i == ARRAY_SIZE(kinds))
		return err_set(err, -EINVAL, "Invalid proxy type \"%s\". QUITTING.", type);
	o->place.proxy = (struct nc_proxy){
		.kind = kinds[i].kind,
		.host = o->proxy_host,
		.port = o->proxy_port,
		.login = o->proxy_auth ? o->proxy_auth : getenv("NCAT_PROXY_AUTH"),
	};
	return 0;
}

static bool take_text(const char **field, const char *text)
{
	if (text)
		*field = text;
	return text;
}

/* Options of --ssl that have another name in every dialect. */
static void take_ssl_texts(struct nc_tls *tls, const struct ncat_ssl_texts *texts)
{
	tls->ssl_options |= take_text(&tls->certificate, texts->certificate);
	tls->ssl_options |= take_text(&tls->key, texts->key);
	tls->ssl_options |= take_text(&tls->ca, texts->ca);
	tls->ssl_options |= take_text(&tls->alpn, texts->alpn);
}

/* What follows from what was given. */
static void imply(struct ncat_options *o)
{
	struct nc_tls *tls = &o->ours.tls;

	o->vsock = o->place.family == AF_VSOCK;
	o->broker |= o->chat;
	o->listen |= o->broker;
	take_ssl_texts(tls, &o->ssl_texts);
	tls->ssl_words =
		o->ssl || tls->ssl_options || tls->verify || tls->ciphers || tls->server_name;
	tls->wanted |= tls->ssl_words;
	nc_ours_imply(&o->ours);
	tls->ssl_words &= !o->ours.tls_given;
	tls->system_too = 1;
	if (!o->ours.tls_given && !tls->verify)
		tls->no_verify = 1;
	if (!o->wait)
		o->wait = CONNECT_LIMIT;
	o->place.limit_us = o->wait;
}

int ncat_options_parse(int argc, char **argv, struct ncat_options *ret, struct err *err)
{
	const char *slash = strrchr(argv[0], '/');
	const struct nc_option_table tables[] = {
		{ rows, ARRAY_SIZE(rows), ret },
		nc_ours_table(&ret->ours),
	};
	int r;

	*ret = (struct ncat_options){
		.place = { .program = slash ? slash + 1 : argv[0], .tuning = NC_TUNING_NONE },
	};
	r = nc_getopt(argc, argv, tables, ARRAY_SIZE(tables), err);
	if (r == NC_GETOPT_UNKNOWN)
		return NCAT_USAGE;
	if (r == NC_GETOPT_INVALID && !strstr(err->text, "QUITTING"))
		err_add(err, ". QUITTING.");
	if (r != NC_GETOPT_DONE)
		return r;
	imply(ret);
	r = operands(ret, argv + optind, (size_t)(argc - optind), err);
	if (r == 0)
		r = source_port(ret, err);
	if (r == 0)
		r = proxy_operand(ret, err);
	if (r == 0)
		r = proxy_kind(ret, err);
	return r < 0 ? r : ncat_rules_check(ret, err);
}

void ncat_options_done(struct ncat_options *o)
{
	nc_words_done(&o->allow);
	nc_words_done(&o->deny);
	nc_words_done(&o->allow_files);
	nc_words_done(&o->deny_files);
	free(o->proxy_host);
	free(o->proxy_port);
}

void ncat_options_help(FILE *out)
{
	struct nc_ours none;
	struct nc_option_table ours = nc_ours_table(&none);

	fputs("The ncat dialect of sockbox\n"
	      "Usage: ncat [options] [host] [port]\n"
	      "\n"
	      "A time is in seconds, or has a unit: 500ms, 10s, 5m, 1h.\n",
	      out);
	nc_option_help(rows, ARRAY_SIZE(rows), out);
	fputs("\nIn every dialect:\n", out);
	nc_option_help(ours.rows, ours.n, out);
}
