/* SPDX-License-Identifier: MIT */
/* The columns of a socket: one row per socket option, in the order of the
 * original, then its two addresses between the levels. */

#include "tool/describe.h"

#include "base/log.h"
#include "base/platform.h"
#include "net/address.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/time.h>

enum { VALUE_MAX = 256 };

/* What getsockopt(2) gave; what it did not write is zero. */
struct value {
	union {
		int32_t numbers[VALUE_MAX / sizeof(int32_t)];
		uint32_t words[VALUE_MAX / sizeof(uint32_t)];
		struct timeval time;
		struct tcp_info tcp;
		char text[VALUE_MAX];
	};
	socklen_t len;
};

typedef void value_printer(FILE *out, const struct value *value);

struct row {
	const char *label;
	int level, name;
	value_printer *print;
	bool length_only; /* offer the kernel no room, so that it tells only the length */
};

/* The shape follows the length, as for IP_OPTIONS, which may be anything. */
static void print_any(FILE *out, const struct value *value)
{
	size_t words = value->len / sizeof(uint32_t);

	if (value->len == 0) {
		fputs("\"\"", out);
	} else if (value->len <= sizeof(int32_t)) {
		fprintf(out, "%d", value->numbers[0]);
	} else {
		for (size_t i = 0; i < words; i++)
			fprintf(out, "%s%08x", i ? " " : "{", value->words[i]);
		fputc('}', out);
	}
}

static void print_pair(FILE *out, const struct value *value)
{
	fprintf(out, "{%d,%d}", value->numbers[0], value->numbers[1]);
}

static void print_time(FILE *out, const struct value *value)
{
	fprintf(out, "{%lld,%lld}", (long long)value->time.tv_sec, (long long)value->time.tv_usec);
}

/* The original shows two numbers, which are {0,0} without a device and without
 * meaning (the letters of its name) with one. */
static void print_device(FILE *out, const struct value *value)
{
	char name[IFNAMSIZ + 1] = "";

	if (value->text[0] == '\0') {
		print_pair(out, value);
		return;
	}
	memcpy(name, value->text, IFNAMSIZ);
	fputc('"', out);
	describe_text(out, name);
	fputc('"', out);
}

/* With no room for it the kernel only counts the instructions of the filter. */
static void print_filter(FILE *out, const struct value *value)
{
	fprintf(out, "{%u,0}", value->len);
}

static void print_tcp_state(FILE *out, const struct value *value)
{
	fprintf(out, "{%u}", value->tcp.tcpi_state);
}

static void print_tcp_options(FILE *out, const struct value *value)
{
	fprintf(out, "{%u}", value->tcp.tcpi_options);
}

static void print_tcp_send_scale(FILE *out, const struct value *value)
{
	fprintf(out, "{%u}", value->tcp.tcpi_snd_wscale);
}

static void print_tcp_receive_scale(FILE *out, const struct value *value)
{
	fprintf(out, "{%u}", value->tcp.tcpi_rcv_wscale);
}

static const struct row socket_rows[] = {
	{ "DEBUG", SOL_SOCKET, SO_DEBUG, print_any },
	{ "REUSEADDR", SOL_SOCKET, SO_REUSEADDR, print_any },
	{ "PROTOCOL", SOL_SOCKET, SO_PROTOCOL, print_any },
	{ "TYPE", SOL_SOCKET, SO_TYPE, print_any },
	{ "ERROR", SOL_SOCKET, SO_ERROR, print_any },
	{ "DONTROUTE", SOL_SOCKET, SO_DONTROUTE, print_any },
	{ "BROADCAST", SOL_SOCKET, SO_BROADCAST, print_any },
	{ "SNDBUF", SOL_SOCKET, SO_SNDBUF, print_any },
	{ "RCVBUF", SOL_SOCKET, SO_RCVBUF, print_any },
	{ "KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, print_any },
	{ "OOBINLINE", SOL_SOCKET, SO_OOBINLINE, print_any },
	{ "NO_CHECK", SOL_SOCKET, SO_NO_CHECK, print_any },
	{ "PRIORITY", SOL_SOCKET, SO_PRIORITY, print_any },
	{ "LINGER", SOL_SOCKET, SO_LINGER, print_pair },
	{ "BSDCOMPAT", SOL_SOCKET, SO_BSDCOMPAT, print_any },
	{ "REUSEPORT", SOL_SOCKET, SO_REUSEPORT, print_any },
	{ "PASSCRED", SOL_SOCKET, SO_PASSCRED, print_any },
	{ "PEERCRED", SOL_SOCKET, SO_PEERCRED, print_pair },
	{ "RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT, print_any },
	{ "SNDLOWAT", SOL_SOCKET, SO_SNDLOWAT, print_any },
	{ "RCVTIMEO", SOL_SOCKET, SO_RCVTIMEO, print_time },
	{ "SNDTIMEO", SOL_SOCKET, SO_SNDTIMEO, print_time },
	{ "SECURITY_AUTHENTICATION", SOL_SOCKET, SO_SECURITY_AUTHENTICATION, print_any },
	{ "SECURITY_ENCRYPTION_TRANSPORT", SOL_SOCKET, SO_SECURITY_ENCRYPTION_TRANSPORT,
	  print_any },
	{ "SECURITY_ENCRYPTION_NETWORK", SOL_SOCKET, SO_SECURITY_ENCRYPTION_NETWORK, print_any },
	{ "BINDTODEVICE", SOL_SOCKET, SO_BINDTODEVICE, print_device },
	{ "ATTACH_FILTER", SOL_SOCKET, SO_GET_FILTER, print_filter, .length_only = true },
	{ "DETACH_FILTER", SOL_SOCKET, SO_DETACH_FILTER, print_any },
};

static const struct row ip_rows[] = {
	{ "IP_TOS", IPPROTO_IP, IP_TOS, print_any },
	{ "IP_TTL", IPPROTO_IP, IP_TTL, print_any },
	{ "IP_HDRINCL", IPPROTO_IP, IP_HDRINCL, print_any },
	{ "IP_OPTIONS", IPPROTO_IP, IP_OPTIONS, print_any },
	{ "IP_ROUTER_ALERT", IPPROTO_IP, IP_ROUTER_ALERT, print_any },
	{ "IP_RECVOPTS", IPPROTO_IP, IP_RECVOPTS, print_any },
	{ "IP_RETOPTS", IPPROTO_IP, IP_RETOPTS, print_any },
	{ "IP_PKTINFO", IPPROTO_IP, IP_PKTINFO, print_any },
	{ "IP_PKTOPTIONS", IPPROTO_IP, IP_PKTOPTIONS, print_any },
	{ "IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER, print_any },
	{ "IP_RECVERR", IPPROTO_IP, IP_RECVERR, print_any },
	{ "IP_RECVTTL", IPPROTO_IP, IP_RECVTTL, print_any },
	{ "IP_RECVTOS", IPPROTO_IP, IP_RECVTOS, print_any },
	{ "IP_TRANSPARENT", IPPROTO_IP, IP_TRANSPARENT, print_any },
	{ "IP_MTU", IPPROTO_IP, IP_MTU, print_any },
	{ "IP_FREEBIND", IPPROTO_IP, IP_FREEBIND, print_any },
	{ "IP_MULTICAST_TTL", IPPROTO_IP, IP_MULTICAST_TTL, print_any },
	{ "IP_MULTICAST_LOOP", IPPROTO_IP, IP_MULTICAST_LOOP, print_any },
};

static const struct row tcp_rows[] = {
	{ "TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY, print_any },
	{ "TCP_MAXSEG", IPPROTO_TCP, TCP_MAXSEG, print_any },
	{ "TCP_CORK", IPPROTO_TCP, TCP_CORK, print_any },
	{ "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE, print_any },
	{ "TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL, print_any },
	{ "TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT, print_any },
	{ "TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT, print_any },
	{ "TCP_LINGER2", IPPROTO_TCP, TCP_LINGER2, print_any },
	{ "TCP_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT, print_any },
	{ "TCP_WINDOW_CLAMP", IPPROTO_TCP, TCP_WINDOW_CLAMP, print_any },
	{ "TCP_INFO", IPPROTO_TCP, TCP_INFO, print_any },
	{ "TCP_QUICKACK", IPPROTO_TCP, TCP_QUICKACK, print_any },
	{ "TCP_MD5SIG", IPPROTO_TCP, TCP_MD5SIG, print_any },
	{ "TCPI_STATE", IPPROTO_TCP, TCP_INFO, print_tcp_state },
	{ "TCPI_OPTIONS", IPPROTO_TCP, TCP_INFO, print_tcp_options },
	{ "TCPI_SND_WSCALE", IPPROTO_TCP, TCP_INFO, print_tcp_send_scale },
	{ "TCPI_RCV_WSCALE", IPPROTO_TCP, TCP_INFO, print_tcp_receive_scale },
};

static const struct row ipv6_rows[] = {
	{ "IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY, print_any },
};

/* A refused option leaves its column empty. */
static void put_rows(FILE *out, int fd, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		struct value value = { .len = row->length_only ? 0 : sizeof(value.text) };

		if (getsockopt(fd, row->level, row->name, value.text, &value.len) < 0) {
			log_info("getsockopt(%d, %s): %s", fd, row->label, err_reason(-errno));
		} else {
			fprintf(out, "%s=", row->label);
			row->print(out, &value);
		}
		fputc('\t', out);
	}
}

/* An empty column, then `AF=2 local <-> AF=2 peer` and a TAB; without a peer
 * the original ends the line after the local address, and so do we. */
static void put_addresses(FILE *out, int fd, const struct net_address *local)
{
	char text[NET_ADDRESS_TEXT];
	struct net_address peer;

	fprintf(out, "\t%s", net_address_text(local, text, sizeof(text)));
	if (net_address_peer(fd, &peer) < 0)
		fputc('\n', out);
	else
		fprintf(out, " <-> %s\t", net_address_text(&peer, text, sizeof(text)));
}

static bool is_tcp(int fd)
{
	int protocol = 0;
	socklen_t len = sizeof(protocol);

	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 &&
	       protocol == IPPROTO_TCP;
}

void describe_socket(FILE *out, int fd)
{
	struct net_address local;
	int family;

	put_rows(out, fd, socket_rows, ARRAY_SIZE(socket_rows));
	if (net_address_local(fd, &local) < 0)
		return;

	put_addresses(out, fd, &local);
	family = local.any.sa_family;
	if (family != AF_INET && family != AF_INET6)
		return;

	put_rows(out, fd, ip_rows, ARRAY_SIZE(ip_rows));
	if (is_tcp(fd))
		put_rows(out, fd, tcp_rows, ARRAY_SIZE(tcp_rows));
	if (family == AF_INET6)
		put_rows(out, fd, ipv6_rows, ARRAY_SIZE(ipv6_rows));
}
