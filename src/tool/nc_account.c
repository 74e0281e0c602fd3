/* SPDX-License-Identifier: MIT */
/* Counting what passes; see nc_account.h. */

#include "tool/nc_account.h"

#include "base/buf.h"
#include "base/clock.h"
#include "report/json.h"
#include "report/text.h"
#include "tool/nc_socket.h"
#include "tool/nc_time.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JSON_TEXT_MAX = 4096 };
enum { SHOW_EVERY = CLOCK_US_PER_S / 5, MINUTE = 60, PERCENT = 100 };

/* How much of a file is still to be read. */
static int64_t input_size(void)
{
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
	struct stat st;

	if (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode) || at < 0)
		return -1;
	return MAX(st.st_size - at, 0);
}

void nc_account_begin(struct nc_account *a, const struct nc_ours *ours,
		      const struct nc_place *place, int fd, bool reads_input)
{
	*a = (struct nc_account){ .ours = ours, .place = place };
	(void)net_address_peer(fd, &a->peer);
	(void)net_address_local(fd, &a->local);
	a->total = reads_input ? input_size() : -1;
	a->began = a->shown_at = clock_now();
}

/* Progress. */

static void put_size(struct buf *out, int64_t bytes, const char *what)
{
	char text[32];

	buf_format(out, "%s%s", nc_size_text(bytes, text, sizeof(text)), what);
}

void nc_account_line(const struct nc_account *a, int64_t elapsed, int64_t rate, struct buf *out)
{
	int64_t left = a->total - (int64_t)a->sent;

	put_size(out, (int64_t)a->sent, " sent, ");
	put_size(out, (int64_t)a->received, " received, ");
	put_size(out, rate, "/s");
	if (a->total > 0)
		buf_format(out, ", %lld %%", (long long)((int64_t)a->sent * PERCENT / a->total));
	if (a->total > 0 && left > 0 && a->sent && elapsed > 0) {
		double seconds = (double)left * (double)elapsed / (double)a->sent / CLOCK_US_PER_S;

		buf_format(out, ", ETA %lld:%02lld", (long long)seconds / MINUTE,
			   (long long)seconds % MINUTE);
	}
}

static void show(struct nc_account *a, bool last)
{
	int64_t now = clock_now(), since = last ? a->began : a->shown_at;
	uint64_t bytes = a->sent + a->received - (last ? 0 : a->shown);
	int64_t rate = (int64_t)((double)bytes * CLOCK_US_PER_S / (double)MAX(now - since, 1));
	bool terminal = isatty(STDERR_FILENO);
	auto_buf line = { 0 };

	if (!terminal && !last)
		return;
	nc_account_line(a, now - a->began, rate, &line);
	fprintf(stderr, "%s%s%s", terminal ? "\r\033[K" : "", buf_text(&line), last ? "\n" : "");
	a->shown_at = now;
	a->shown = a->sent + a->received;
}

static void count(struct nc_account *a, uint64_t *field, size_t len)
{
	*field += len;
	if (a->ours->progress && clock_now() - a->shown_at >= SHOW_EVERY)
		show(a, false);
}

void nc_account_sent(struct nc_account *a, size_t len)
{
	count(a, &a->sent, len);
}

void nc_account_received(struct nc_account *a, size_t len)
{
	count(a, &a->received, len);
}

/* JSON. */

static void put_string(struct buf *out, const char *name, const char *value)
{
	char quoted[JSON_TEXT_MAX];
	struct text text = { quoted, quoted, quoted + sizeof(quoted) };

	json_string(value, strlen(value), &text);
	buf_format(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
	buf_put(out, quoted, text_len(&text));
}

static void put_address(struct buf *out, const char *host_name, const char *port_name,
			const struct net_address *a)
{
	char host[NET_ADDRESS_TEXT];

	if (!a->len)
		return;
	if (a->any.sa_family == AF_INET || a->any.sa_family == AF_INET6)
		(void)net_address_numeric(a, host, sizeof(host));
	else
		(void)net_address_host(a, host, sizeof(host));
	put_string(out, host_name, host);
	if (net_address_port(a) >= 0)
		buf_format(out, ",\"%s\":%ld", port_name, net_address_port(a));
}

static const char *protocol_name(const struct nc_place *place, const struct net_address *local)
{
	if (place->family == AF_UNIX || local->any.sa_family == AF_UNIX)
		return place->datagram ? "unix-dgram" : "unix";
	return local->any.sa_family == AF_VSOCK ? "vsock" : nc_socket_protocol_name(place);
}

void nc_account_json(const struct nc_account *a, int64_t elapsed, int reason, struct buf *out)
{
	buf_put_byte(out, '{');
	if (a->place->host)
		put_string(out, "host", a->place->host);
	put_address(out, "peer_address", "peer_port", &a->peer);
	put_address(out, "local_address", "local_port", &a->local);
	put_string(out, "protocol", protocol_name(a->place, &a->local));
	buf_format(out, ",\"tls\":%s,\"sent\":%llu,\"received\":%llu,\"seconds\":%lld.%06lld",
		   a->ours->tls.wanted ? "true" : "false", (unsigned long long)a->sent,
		   (unsigned long long)a->received, (long long)elapsed / CLOCK_US_PER_S,
		   (long long)elapsed % CLOCK_US_PER_S);
	put_string(out, "result", reason ? err_reason(reason) : "ok");
	buf_put_text(out, "}\n");
}

void nc_account_end(struct nc_account *a, int reason)
{
	auto_buf out = { 0 };

	if (a->ours->progress)
		show(a, true);
	if (!a->ours->json)
		return;
	nc_account_json(a, clock_now() - a->began, reason, &out);
	fputs(buf_text(&out), stderr);
}

void nc_account_failed(const struct nc_place *place, const struct net_address *to, int reason)
{
	auto_buf out = { 0 };

	if (reason == -EINPROGRESS)
		reason = -ETIMEDOUT;
	buf_put_byte(&out, '{');
	put_string(&out, "host", place->host);
	put_address(&out, "peer_address", "peer_port", to);
	put_string(&out, "protocol", protocol_name(place, to));
	put_string(&out, "result", err_reason(reason));
	buf_put_text(&out, "}\n");
	fputs(buf_text(&out), stderr);
}

void nc_account_scanned(const struct nc_place *place, uint16_t port, enum nc_port_state state)
{
	static const char *const states[NC_PORT_STATES] = {
		[NC_PORT_OPEN] = "open",
		[NC_PORT_SILENT] = "silent",
		[NC_PORT_CLOSED] = "closed",
		[NC_PORT_FAILED] = "unreachable",
	};
	auto_buf out = { 0 };

	buf_put_byte(&out, '{');
	put_string(&out, "host", place->host);
	buf_format(&out, ",\"port\":%u", port);
	put_string(&out, "protocol", nc_socket_protocol_name(place));
	put_string(&out, "state", states[state]);
	buf_put_text(&out, "}\n");
	fputs(buf_text(&out), stdout);
}
