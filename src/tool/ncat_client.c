/* SPDX-License-Identifier: MIT */
/* ncat connects: address after address, through a proxy or not, perhaps with TLS. */

#include "base/clock.h"
#include "base/str.h"
#include "net/connect.h"
#include "task/task.h"
#include "tool/nc_account.h"
#include "tool/nc_dial.h"
#include "tool/nc_proxy.h"
#include "tool/nc_random.h"
#include "tool/nc_retry.h"
#include "tool/ncat.h"
#include "tool/ncat_command.h"

#include <errno.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROBE_WAIT = 2 * CLOCK_US_PER_S };
enum { GO_ON = -1 }; /* no exit status yet */

/* Where we got to. */
struct reached {
	int fd;
	struct net_address to; /* len 0: through a proxy */
	int reason;	       /* why not */
	char *own_path;	       /* of a UNIX datagram socket, to be removed */
};

static const char *reason_text(int reason)
{
	return reason == -ETIMEDOUT ? "TIMEOUT" : err_reason(reason);
}

/* 0, or why not. */
static int connect_in_time(const struct ncat *n, int fd, const struct net_address *to)
{
	int64_t before = task_deadline(clock_after(n->o->wait));
	int r = net_connect(fd, to);

	(void)task_deadline(before);
	return r;
}

/* For address_failed(). */
struct failures {
	const struct ncat *n;
	int *reason;		/* the last one */
	struct net_address *to; /* whose it is */
	size_t *left;		/* addresses that may still do better */
};

static void address_failed(const struct nc_place *place, const struct net_address *to, int reason)
{
	const struct failures *f = place->context;
	char text[NCAT_ADDRESS_TEXT];

	*f->reason = reason == -EINPROGRESS ? -ETIMEDOUT : reason;
	*f->to = *to;
	if (--*f->left == 0 || !f->n->o->verbose)
		return;
	ncat_say("Connection to %s failed: %s.", ncat_host(to, text, sizeof(text)),
		 reason_text(*f->reason));
	ncat_say("Trying next address...");
}

/* All addresses of the host.  GO_ON with ret->fd or ret->reason. */
static int try_addresses(const struct ncat *n, struct net_addresses *list, struct reached *ret)
{
	static const struct nc_observer observer = { .failed = address_failed };
	size_t left = list->n;
	struct failures failures = { n, &ret->reason, &ret->to, &left };
	struct nc_place place = n->o->place;
	struct err err = { 0 };
	int r;

	ret->reason = -EAFNOSUPPORT;
	place.observer = &observer;
	place.context = &failures;
	r = nc_dial_any(&place, list, n->o->port, &ret->fd, &ret->to, &err);
	if (r == -ECANCELED)
		return r;
	return r < 0 ? ncat_quit("%s.", err.text) : GO_ON;
}

static int reach_ip(struct ncat *n, struct reached *ret)
{
	const struct nc_place *place = &n->o->place;
	auto_addresses list = { 0 };
	int r = nc_dial_resolve(place, n->o->port, &list, NULL);

	if (r == -ECANCELED)
		return r;
	if (r < 0)
		return ncat_quit("Could not resolve hostname \"%s\": %s.", place->host,
				 net_reason(r));
	return try_addresses(n, &list, ret);
}

/* The host as the proxy shall see it: --proxy-dns. */
static int resolve_for_proxy(const struct ncat *n, struct nc_place *place, char *out, size_t size)
{
	const char *dns = n->o->proxy_dns ? n->o->proxy_dns : "remote";
	auto_addresses list = { 0 };
	struct net_address numeric;
	struct nc_place wanted = *place;
	int r;

	if (place->proxy.kind == NC_PROXY_SOCKS4A)
		wanted.family = AF_INET; /* it knows no other numbers */
	if (net_address_parse(place->host, AF_UNSPEC, 0, &numeric) == 0)
		return GO_ON;
	if (str_equal(dns, "none"))
		return ncat_quit("Could not resolve hostname \"%s\": --proxy-dns none.",
				 place->host);
	if (str_equal(dns, "remote"))
		return GO_ON;
	r = nc_dial_resolve(&wanted, n->o->port, &list, NULL);
	if (r < 0 && str_equal(dns, "both"))
		return GO_ON;
	if (r < 0)
		return ncat_quit("Could not resolve hostname \"%s\": %s.", place->host,
				 net_reason(r));
	place->host = net_address_numeric(&list.items[0], out, size);
	return GO_ON;
}

static void proxy_failed(const struct nc_place *place, const struct net_address *to, int reason)
{
	(void)place;
	(void)to;
	(void)ncat_fail("Proxy connection failed: %s",
			reason == -EINPROGRESS ? "TIMEOUT" : err_reason(reason));
}

static int reach_by_proxy(struct ncat *n, struct reached *ret)
{
	static const struct nc_observer observer = { .failed = proxy_failed };
	struct nc_place place = n->o->place;
	struct net_address numeric;
	char host[NET_HOST_TEXT];
	struct err err = { 0 };
	int r;

	if (place.proxy.kind == NC_PROXY_SOCKS4A &&
	    net_address_parse(place.host, AF_INET6, 0, &numeric) == 0)
		return ncat_fail("Error: IPv6 addresses are not supported with Socks4");
	place.observer = &observer;
	r = resolve_for_proxy(n, &place, host, sizeof(host));
	if (r != GO_ON)
		return r;
	r = nc_proxy_dial(&place, n->o->port, &ret->fd, &err);
	if (r == -ECANCELED)
		return r;
	if (r == -EOPNOTSUPP)
		return ncat_quit("%s.", err.text);
	if (r < 0)
		return ncat_fail("%s", err.text);
	return r == 0 ? NCAT_NETWORK : GO_ON;
}

/* A path that nobody can foresee, and therefore take before us. */
static char *made_up_path(void)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *folder = getenv("TMPDIR");
	char name[] = "XXXXXX";

	for (char *at = name; *at; at++)
		*at = letters[nc_random_below(sizeof(letters) - 1)];
	return str_format("%s/ncat.%s", folder ? folder : "/tmp", name);
}

/* A datagram socket needs a name to be answered. */
static int name_own_end(const struct ncat *n, int fd, struct reached *ret)
{
	const char *source = n->o->place.source;
	struct net_address own;
	int r;

	if (!n->o->place.datagram)
		return 0;
	ret->own_path = source ? str_copy(source) : made_up_path();
	if (n->o->verbose)
		ncat_say("[%s] used as source DGRAM Unix domain socket.", ret->own_path);
	r = net_address_unix(ret->own_path, true, &own);
	if (r == 0 && bind(fd, &own.any, own.len) < 0)
		r = -errno;
	if (r < 0)
		free(take_ptr(ret->own_path)); /* not ours */
	return r;
}

static int reach_local(struct ncat *n, struct reached *ret)
{
	const struct ncat_options *o = n->o;
	int type = (o->place.datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC;
	auto_close int fd = socket(o->vsock ? AF_VSOCK : AF_UNIX, type, 0);

	ret->to = (struct net_address){ .len = sizeof(ret->to.vm) };
	ret->to.vm = (struct sockaddr_vm){ .svm_family = AF_VSOCK,
					   .svm_cid = o->vsock_cid,
					   .svm_port = o->vsock_port };
	ret->reason = fd < 0 ? -errno : 0;
	if (ret->reason == 0 && !o->vsock)
		ret->reason = net_address_unix(o->place.host, true, &ret->to);
	if (ret->reason == 0 && !o->vsock)
		ret->reason = name_own_end(n, fd, ret);
	if (ret->reason == 0)
		ret->reason = connect_in_time(n, fd, &ret->to);
	if (ret->reason == -ECANCELED)
		return ret->reason;
	if (ret->reason == 0)
		ret->fd = take_fd(&fd);
	return GO_ON;
}

static int reach(struct ncat *n, struct reached *ret)
{
	if (n->o->vsock || n->o->place.family == AF_UNIX)
		return reach_local(n, ret);
	return n->o->proxy_host ? reach_by_proxy(n, ret) : reach_ip(n, ret);
}

/* As often as --wait-for says. */
static int reach_patiently(struct ncat *n, struct reached *ret)
{
	struct nc_retry retry;
	int r;

	nc_retry_begin(&retry, n->o->ours.wait_for);
	do {
		r = reach(n, ret);
		if (r != GO_ON || ret->fd >= 0)
			return r;
		r = nc_retry_pause(&retry);
	} while (r > 0);
	if (r == -ECANCELED)
		return r;
	if (n->o->ours.json && !n->o->zero)
		nc_account_failed(&n->o->place, &ret->to, ret->reason);
	if (n->o->zero && !n->o->verbose)
		return NCAT_NETWORK;
	return ncat_fail("%s", reason_text(ret->reason));
}

/* `Connected to ADDRESS.`, and with TLS whose certificate that is. */
static void say_connected(const struct ncat *n, const struct reached *at, const struct stream *net)
{
	char address[NCAT_ADDRESS_TEXT], fingerprint[NC_TLS_FINGERPRINT], name[256];

	if (!n->o->verbose)
		return;
	if (at->to.len)
		(void)ncat_address(&at->to, address, sizeof(address));
	else
		(void)snprintf(address, sizeof(address), "%s:%u", n->o->place.host, n->o->port);
	if (!n->tls) {
		ncat_say("Connected to %s.", address);
		return;
	}
	(void)nc_tls_organisation(net, name, sizeof(name));
	ncat_say("SSL connection to %s.%s%s", address, *name ? " " : "", name);
	ncat_say("SHA-1 fingerprint: %s",
		 nc_tls_fingerprint(n->tls, net, fingerprint, sizeof(fingerprint)));
}

/* GO_ON or the exit status. */
static int secure(const struct ncat *n, struct stream **net)
{
	int64_t before = task_deadline(clock_after(n->o->wait));
	struct err err = { 0 };
	int r = nc_tls_over(n->tls, net, n->o->place.host, &err);

	(void)task_deadline(before);
	if (r == 0)
		return GO_ON;
	if (r == -ECANCELED)
		return r;
	if (r == -EACCES) {
		if (n->o->verbose)
			ncat_say("%s.", err.text);
		return ncat_quit("Certificate verification error.");
	}
	if (r == -ETIMEDOUT)
		return ncat_fail("%s", reason_text(r));
	return ncat_fail("%s", err.text);
}

/* The answer to look for is a refusal. */
static int probe(struct ncat *n, struct stream *net, int *ret_reason)
{
	int64_t before = task_deadline(clock_after(n->o->idle ? n->o->idle : PROBE_WAIT));
	char byte = 0;
	ssize_t r = stream_write_all(net, &byte, 1);

	if (r == 0)
		r = stream_read_wait(net, &byte, 1);
	(void)task_deadline(before);
	if (r == -ECANCELED)
		return (int)r;
	if (r >= 0 || r == -ETIMEDOUT) {
		if (n->o->verbose)
			ncat_say("UDP packet sent successfully");
		n->sent++;
		n->received += (uint64_t)MAX(r, (ssize_t)0);
		ncat_say_counts(n);
		return 0;
	}
	*ret_reason = (int)r;
	return n->o->verbose ? ncat_fail("%s", err_reason((int)r)) : NCAT_NETWORK;
}

static int use(struct ncat *n, struct reached *at)
{
	auto_stream net = nc_stream(at->fd);
	int r;

	net->packets = n->o->place.datagram;
	r = n->tls ? secure(n, &net) : GO_ON;
	if (r != GO_ON)
		return r;
	say_connected(n, at, net);
	if (n->o->zero && n->o->place.datagram)
		return probe(n, net, &at->reason);
	if (n->o->zero) {
		ncat_say_counts(n);
		return 0;
	}
	if (n->o->exec || n->o->shell)
		return ncat_command_run(n, &net);
	return ncat_carry(n, net);
}

/* -z with --json. */
static void tell_scanned(const struct ncat *n, int status, int reason)
{
	enum nc_port_state state = NC_PORT_OPEN;

	if (status != 0)
		state = reason == -ECONNREFUSED ? NC_PORT_CLOSED : NC_PORT_FAILED;
	else if (n->o->place.datagram && !n->received)
		state = NC_PORT_SILENT;
	nc_account_scanned(&n->o->place, n->o->port, state);
}

int ncat_client(struct ncat *n)
{
	struct reached at = { .fd = -1 };
	int r = reach_patiently(n, &at);

	if (r == GO_ON)
		r = use(n, &at);
	if (n->o->zero && n->o->ours.json && r >= 0)
		tell_scanned(n, r, at.reason);
	if (at.own_path && n->o->verbose)
		ncat_say("Deleting source DGRAM Unix domain socket. [%s]", at.own_path);
	if (at.own_path)
		(void)unlink(at.own_path);
	free(at.own_path);
	return r;
}
