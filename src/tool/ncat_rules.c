/* SPDX-License-Identifier: MIT */
/* Options of ncat that exclude each other, as rows: the first that holds is told. */

#include "base/str.h"
#include "tool/ncat_options.h"

#include <errno.h>
#include <string.h>

typedef bool rule(const struct ncat_options *o);

static bool is_unix(const struct ncat_options *o)
{
	return o->place.family == AF_UNIX;
}

static bool runs(const struct ncat_options *o)
{
	return o->exec || o->shell;
}

static bool both_commands(const struct ncat_options *o)
{
	return o->exec && o->shell;
}

static bool listen_source(const struct ncat_options *o)
{
	return o->listen && o->place.source && !is_unix(o);
}

static bool broker_exec(const struct ncat_options *o)
{
	return o->broker && runs(o);
}

static bool zero_listen(const struct ncat_options *o)
{
	return o->zero && o->listen;
}

static bool zero_exec(const struct ncat_options *o)
{
	return o->zero && runs(o);
}

static bool zero_telnet(const struct ncat_options *o)
{
	return o->zero && o->telnet;
}

static bool listen_proxy(const struct ncat_options *o)
{
	return o->listen && o->proxy;
}

static bool listen_proxy_type(const struct ncat_options *o)
{
	return o->listen && o->proxy_type && !str_equal(o->proxy_type, "http");
}

static bool unix_proxy(const struct ncat_options *o)
{
	return is_unix(o) && (o->proxy || o->proxy_type);
}

static bool unix_tls(const struct ncat_options *o)
{
	return is_unix(o) && o->ours.tls.wanted;
}

static bool unix_broker(const struct ncat_options *o)
{
	return is_unix(o) && o->broker;
}

static bool unix_port(const struct ncat_options *o)
{
	return is_unix(o) && o->source_port;
}

static bool unix_no_path(const struct ncat_options *o)
{
	return is_unix(o) && !o->place.host;
}

static bool vsock_proxy(const struct ncat_options *o)
{
	return o->vsock && (o->proxy || o->proxy_type);
}

static bool vsock_tls(const struct ncat_options *o)
{
	return o->vsock && o->ours.tls.wanted;
}

static bool vsock_broker(const struct ncat_options *o)
{
	return o->vsock && o->broker;
}

static bool vsock_datagram(const struct ncat_options *o)
{
	return o->vsock && o->place.datagram;
}

static bool vsock_source(const struct ncat_options *o)
{
	return o->vsock && (o->place.source || o->source_port);
}

static bool lone_key(const struct ncat_options *o)
{
	return o->ssl_texts.key && !o->ours.tls.certificate;
}

static bool lone_certificate(const struct ncat_options *o)
{
	return o->ssl_texts.certificate && !o->ours.tls.key;
}

static bool datagram_broker(const struct ncat_options *o)
{
	return o->place.datagram && o->broker;
}

static bool datagram_proxy(const struct ncat_options *o)
{
	return o->place.datagram && (o->proxy || o->proxy_type);
}

static bool datagram_exec(const struct ncat_options *o)
{
	return o->place.datagram && runs(o);
}

static bool listen_alpn(const struct ncat_options *o)
{
	return o->listen && o->ours.tls.alpn;
}

static bool listen_dtls(const struct ncat_options *o)
{
	return o->listen && o->place.datagram && o->ours.tls.wanted;
}

static bool bad_dns(const struct ncat_options *o)
{
	return o->proxy_dns && !str_word_is("remote local both none", o->proxy_dns);
}

static bool no_host(const struct ncat_options *o)
{
	return !o->listen && (!o->place.host || !*o->place.host);
}

static bool connect_lists(const struct ncat_options *o)
{
	return !o->listen && o->allow.n + o->allow_files.n + o->deny.n + o->deny_files.n;
}

static bool connect_most(const struct ncat_options *o)
{
	return !o->listen && o->max_conns;
}

static bool connect_keep(const struct ncat_options *o)
{
	return !o->listen && o->keep;
}

static bool exec_dump(const struct ncat_options *o)
{
	return o->listen && o->proxy_type && (o->dump || o->hex_dump);
}

static bool exec_one_way(const struct ncat_options *o)
{
	return runs(o) && (o->send_only || o->recv_only);
}

static bool exec_delay(const struct ncat_options *o)
{
	return runs(o) && o->delay;
}

/* Those of nc_ours.h are for one connection at a time. */
static bool ours_with_many(const struct ncat_options *o)
{
	const struct nc_ours *ours = &o->ours;
	bool many = o->listen && (o->keep || o->broker || o->proxy_type);

	return (many || runs(o)) && (ours->progress || ours->json || ours->max_rate);
}

static bool json_local(const struct ncat_options *o)
{
	return o->zero && o->ours.json && (is_unix(o) || o->vsock);
}

static bool zero_ours(const struct ncat_options *o)
{
	return o->zero && (o->ours.progress || o->ours.max_rate);
}

static bool dual_stack(const struct ncat_options *o)
{
	return o->ours.dual_stack && (!o->listen || o->place.host || o->place.family || o->vsock);
}

static const struct {
	rule *holds;
	const char *text;
} rules[] = {
	{ both_commands, "Only one of --exec and --sh-exec is allowed." },
	{ unix_tls, "SSL option not supported when using Unix domain sockets." },
	{ unix_proxy, "Proxy option not supported when using Unix domain sockets." },
	{ unix_broker, "Connection brokering not supported when using Unix domain sockets." },
	{ unix_port, "There is no source port when using Unix domain sockets." },
	{ unix_no_path, "You must specify a path to connect to or listen on." },
	{ vsock_tls, "SSL option not supported when using vsock sockets." },
	{ vsock_proxy, "Proxy option not supported when using vsock sockets." },
	{ vsock_broker, "Connection brokering not supported when using vsock sockets." },
	{ vsock_datagram, "vsock datagrams are not available." },
	{ vsock_source, "-s and -p are not available when using vsock sockets." },
	{ listen_source, "-l and -s are incompatible: give the address to bind to as the host." },
	{ broker_exec, "Invalid option combination: --broker and -e." },
	{ zero_listen, "Invalid option combination: -z and -l." },
	{ zero_exec, "Invalid option combination: -z and -e." },
	{ zero_telnet, "Invalid option combination: -z and -t." },
	{ listen_proxy, "Invalid option combination: --proxy and -l." },
	{ listen_proxy_type, "As a proxy this can only be \"http\"." },
	{ exec_dump, "A proxy server writes no dumps." },
	{ exec_one_way, "A command both sends and receives." },
	{ exec_delay, "-d is not for commands." },
	{ lone_key, "The --ssl-key option must be used with --ssl-cert." },
	{ lone_certificate, "The --ssl-cert option must be used with --ssl-key." },
	{ datagram_broker, "UDP mode does not support connection brokering." },
	{ datagram_proxy, "UDP mode does not support proxies." },
	{ datagram_exec, "UDP mode does not support commands; socat UDP-LISTEN does." },
	{ listen_alpn, "ALPN is not supported in listen mode." },
	{ listen_dtls, "DTLS is not supported in listen mode." },
	{ ours_with_many,
	  "--progress, --json and --max-rate are not for commands, nor for many clients." },
	{ zero_ours, "--progress and --max-rate are for data, not for -z." },
	{ json_local, "--json tells of scanned ports; here are none." },
	{ dual_stack, "--dual-stack is for listening without an address." },
	{ bad_dns, "Invalid proxy DNS type." },
	{ no_host, "You must specify a host to connect to." },
	{ connect_lists, "Invalid option combination: allow/deny with connect." },
	{ connect_most, "Invalid option combination: `--max-conns' with connect." },
	{ connect_keep, "Invalid option combination: `--keep-open' with connect." },
};

int ncat_rules_check(const struct ncat_options *o, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].holds(o))
			return err_set(err, -EINVAL, "%s QUITTING.", rules[i].text);
	return 0;
}
