/* SPDX-License-Identifier: MIT */
/* ncat listens: for one client, or for many at once. */

#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "net/resolve.h"
#include "task/loop.h"
#include "task/task.h"
#include "tool/nc_serve.h"
#include "tool/ncat.h"
#include "tool/ncat_command.h"
#include "tool/ncat_door.h"
#include "tool/ncat_http.h"
#include "tool/ncat_hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MOST_CLIENTS = 100,
	HANDSHAKE_LIMIT = 30 * CLOCK_US_PER_S,
	LIST_FILE_MAX = 1 << 20,
};

/* The lists of --allow and --deny. */

static int add_name(struct nc_hosts *list, const char *text, int bits, bool numeric)
{
	auto_free char *name = str_copy_n(text, strcspn(text, "/"));
	struct net_query query = { .host = name, .type = SOCK_STREAM, .numeric = numeric };
	auto_addresses addresses = { 0 };
	struct nc_host_pattern pattern;
	int r = net_resolve(&query, &addresses, NULL);

	if (r < 0) {
		ncat_say("Error resolving name \"%s\": %s", name, net_reason(r));
		return r;
	}
	for (size_t i = 0; i < addresses.n; i++)
		if (nc_host_of_address(&addresses.items[i], bits, &pattern) == 0)
			nc_hosts_add(list, &pattern);
	return 0;
}

static int add_host(const struct ncat *n, struct nc_hosts *list, const char *text)
{
	struct nc_host_pattern pattern;
	int bits, r = nc_host_parse(text, &pattern, &bits);

	if (r == 0)
		nc_hosts_add(list, &pattern);
	if (r > 0)
		r = add_name(list, text, bits, n->o->place.numeric);
	return r < 0 ? ncat_quit("error in host specification \"%s\".", text) : 0;
}

/* Words that are separated by one of these. */
static int add_hosts(const struct ncat *n, struct nc_hosts *list, const char *text,
		     const char *separators)
{
	auto_free char *copy = str_copy(text);
	char *rest = copy, *word;
	int r = 0;

	while (r == 0 && (word = strsep(&rest, separators)))
		if (*word)
			r = add_host(n, list, word);
	return r;
}

static void drop_comments(char *text)
{
	for (char *at = strchr(text, '#'); at; at = strchr(at, '#'))
		while (*at && *at != '\n')
			*at++ = ' ';
}

static int add_file(const struct ncat *n, struct nc_hosts *list, const char *path)
{
	auto_free char *text = NULL;
	ssize_t len = fd_read_file(path, LIST_FILE_MAX, &text);

	if (len < 0)
		return ncat_quit("can't open %s: %s.", path, err_reason((int)len));
	drop_comments(text);
	return add_hosts(n, list, text, " \t\r\n");
}

static int read_list(const struct ncat *n, struct nc_hosts *list, const struct nc_words *words,
		     const struct nc_words *files)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < words->n; i++)
		r = add_hosts(n, list, words->items[i], ",");
	for (size_t i = 0; r == 0 && i < files->n; i++)
		r = add_file(n, list, files->items[i]);
	return r;
}

/* One client. */

static int secure(struct ncat *n, struct stream **net, const struct net_address *peer)
{
	int64_t before = task_deadline(clock_after(HANDSHAKE_LIMIT));
	char text[NCAT_ADDRESS_TEXT];
	struct err err = { 0 };
	int r = nc_tls_over(n->tls, net, NULL, &err);

	(void)task_deadline(before);
	if (r < 0 && r != -ECANCELED && n->o->verbose)
		ncat_say("Failed SSL connection from %s: %s", ncat_host(peer, text, sizeof(text)),
			 err.text);
	return r;
}

static int serve_one(struct ncat_door *door)
{
	struct ncat *n = door->n;
	struct net_address peer;
	int fd, r = ncat_door_wait(door, &fd, &peer);

	if (r < 0)
		return r;
	ncat_door_close(door); /* others are refused */

	auto_stream net = nc_stream(fd);

	r = n->tls ? secure(n, &net, &peer) : 0;
	if (r < 0)
		return r == -ECANCELED ? r : NCAT_NETWORK;
	if (n->o->exec || n->o->shell)
		return ncat_command_run(n, &net);
	return ncat_carry(n, net);
}

static int serve_datagrams(struct ncat_door *door)
{
	struct net_address peer;
	struct nc_server server;
	struct err err = { 0 };
	int fd, trouble = 0, r = ncat_door_wait(door, &fd, &peer);
	char text[NCAT_ADDRESS_TEXT];

	if (r < 0)
		return r;
	if (door->n->o->verbose)
		ncat_say("Connection from %s.", ncat_host(&peer, text, sizeof(text)));
	server = (struct nc_server){
		.place = &door->n->o->place,
		.fd = fd,
		.keep = door->n->o->keep,
		.session = ncat_session(door->n, NULL, &trouble),
	};
	r = nc_serve(&server, &err);
	if (r < 0 && r != -ECANCELED)
		return ncat_fail("%s", err.text);
	return r == 0 && trouble == -ETIMEDOUT ? ncat_idle_expired(door->n->o) : r;
}

/* Many. */

struct many {
	struct ncat *n;
	struct ncat_door *door;
	struct ncat_hub hub;
	struct stock stock;
	size_t commands; /* clients that are not the hub's */
	bool sent_all;
};

/* A client that gets a program or a proxy. */
struct guest {
	struct many *many;
	struct stream *net;
	struct net_address peer;
};

static void on_ended(void *owner)
{
	struct many *many = owner;

	many->commands--;
}

static struct nc_couple_plan couple_plan(struct many *many)
{
	const struct ncat_options *o = many->n->o;

	return (struct nc_couple_plan){
		.stock = &many->stock,
		.idle_us = o->idle,
		.crlf = o->crlf,
		.ended = on_ended,
		.owner = many,
	};
}

static void run_guest(void *arg)
{
	auto_free struct guest *guest = arg;
	struct many *many = guest->many;
	struct nc_couple_plan plan = couple_plan(many);
	auto_stream net = guest->net;
	struct err err = { 0 };
	int r = many->n->tls ? secure(many->n, &net, &guest->peer) : 0;

	if (r == 0 && many->n->o->proxy_type)
		r = ncat_http_serve(many->n, &net, &plan);
	else if (r == 0)
		r = ncat_command_start(many->n, &net, &plan, &err);
	if (r < 0 && err.code)
		ncat_say("%s.", err.text);
	if (r < 0)
		many->commands--;
}

static void welcome(struct many *many, int fd, const struct net_address *peer)
{
	const struct ncat_options *o = many->n->o;
	struct guest *guest;

	if (!o->exec && !o->shell && !o->proxy_type) {
		ncat_hub_add(&many->hub, fd, peer);
		return;
	}
	guest = new_object(struct guest);
	*guest = (struct guest){ many, nc_stream(fd), *peer };
	many->commands++;
	if (task_start(run_guest, guest) < 0) {
		(void)stream_free(guest->net);
		free(guest);
		many->commands--;
	}
}

static void on_sent(void *context)
{
	struct many *many = context;

	many->sent_all = true;
	ncat_door_ring(many->door);
}

static size_t limit_of(const struct ncat_options *o)
{
	return (size_t)(o->max_conns ? o->max_conns : MOST_CLIENTS);
}

/* Nobody came in time.  0: go on; or the exit status. */
static int look_at_clock(const struct many *many)
{
	if (ncat_hub_idle_at(&many->hub) > clock_now())
		return 0;
	return ncat_idle_expired(many->n->o);
}

static int accept_clients(struct many *many)
{
	size_t limit = limit_of(many->n->o);
	int r = 0;

	while (r == 0) {
		struct net_address peer;
		int fd;

		(void)task_deadline(ncat_hub_idle_at(&many->hub));
		r = ncat_door_wait(many->door, &fd, &peer);
		if (r == -ETIMEDOUT) {
			r = look_at_clock(many);
			continue;
		}
		if (r < 0)
			break;
		if (many->hub.count + many->commands < limit) {
			welcome(many, fd, &peer);
			continue;
		}
		(void)close(fd);
		if (many->n->o->verbose)
			ncat_say("New connection denied: connection limit reached (%zu)", limit);
	}
	(void)task_deadline(CLOCK_NEVER);
	return r == -ESHUTDOWN ? 0 : r;
}

static int serve_many(struct ncat_door *door)
{
	struct many many = { .n = door->n, .door = door };
	int r = loop_open();

	if (r < 0)
		return ncat_quit("epoll: %s.", err_reason(r));
	nc_couple_stock(&many.stock);
	ncat_hub_open(&many.hub, door->n);
	many.hub.finished = on_sent;
	many.hub.context = &many;
	r = accept_clients(&many);
	ncat_hub_close(&many.hub);
	stock_done(&many.stock);
	loop_close();
	return r;
}

static int serve(struct ncat_door *door)
{
	const struct ncat_options *o = door->n->o;

	if (o->place.datagram)
		return serve_datagrams(door);
	return o->keep || o->broker || o->proxy_type ? serve_many(door) : serve_one(door);
}

int ncat_server(struct ncat *n)
{
	const struct ncat_options *o = n->o;
	struct ncat_door door;
	int r;

	if (o->max_conns && !o->keep && !o->broker && !o->proxy_type)
		ncat_say("Warning: -m has no effect without -k or --broker.");
	if (n->tls && nc_tls_is_temporary(n->tls) && o->verbose) {
		char text[NC_TLS_FINGERPRINT];

		ncat_say("Made a certificate for this run; --ssl-cert and --ssl-key use one that "
			 "lasts.");
		ncat_say("SHA-1 fingerprint: %s",
			 nc_tls_fingerprint(n->tls, NULL, text, sizeof(text)));
	}
	r = read_list(n, &n->allow, &o->allow, &o->allow_files);
	if (r == 0)
		r = read_list(n, &n->deny, &o->deny, &o->deny_files);
	if (r == 0)
		r = ncat_door_open(&door, n);
	if (r == 0) {
		r = serve(&door);
		ncat_door_close(&door);
	}
	return r;
}
