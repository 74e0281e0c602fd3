/* SPDX-License-Identifier: MIT */
/* Control messages to facts; see ancillary.h.  A row per message says which facts it has,
 * where each begins and how it is written; what is not there any more is not told. */

#include "net/ancillary.h"

#include "base/buf.h"
#include "base/platform.h"
#include "net/address.h"

#include <linux/errqueue.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum { FACTS_MAX = 6 };

/* The bytes of a message from where a fact begins. */
struct part {
	const uint8_t *data;
	size_t len;
	const struct ancillary_reader *reader;
};

/* Writes the fact; false: it is not whole. */
typedef bool put_fact(struct buf *out, const struct part *part);

static bool take(const struct part *part, void *ret, size_t size)
{
	if (part->len < size)
		return false;
	memcpy(ret, part->data, size);
	return true;
}

static bool put_byte(struct buf *out, const struct part *part)
{
	uint8_t value;

	if (!take(part, &value, sizeof(value)))
		return false;
	buf_format(out, "%u", value);
	return true;
}

/* IP_TOS has one byte where others have an int. */
static bool put_number(struct buf *out, const struct part *part)
{
	int value;

	if (!take(part, &value, sizeof(value)))
		return put_byte(out, part);
	buf_format(out, "%d", value);
	return true;
}

static bool put_unsigned(struct buf *out, const struct part *part)
{
	uint32_t value;

	if (!take(part, &value, sizeof(value)))
		return false;
	buf_format(out, "%u", value);
	return true;
}

static bool put_hex_number(struct buf *out, const struct part *part)
{
	uint32_t value;

	if (!take(part, &value, sizeof(value)))
		return false;
	buf_format(out, "x%08x", value);
	return true;
}

static bool put_hex(struct buf *out, const struct part *part)
{
	buf_put_byte(out, 'x');
	for (size_t i = 0; i < part->len; i++)
		buf_format(out, "%02x", part->data[i]);
	return true;
}

static bool put_ipv4(struct buf *out, const struct part *part)
{
	struct net_address a = { .in.sin_family = AF_INET, .len = sizeof(a.in) };
	char text[NET_ADDRESS_TEXT];

	if (!take(part, &a.in.sin_addr, sizeof(a.in.sin_addr)))
		return false;
	buf_put_text(out, net_address_host(&a, text, sizeof(text)));
	return true;
}

static bool put_ipv6(struct buf *out, const struct part *part)
{
	struct net_address a = { .in6.sin6_family = AF_INET6, .len = sizeof(a.in6) };
	char text[NET_ADDRESS_TEXT];

	if (!take(part, &a.in6.sin6_addr, sizeof(a.in6.sin6_addr)))
		return false;
	buf_put_text(out, net_address_host(&a, text, sizeof(text)));
	return true;
}

static bool put_interface(struct buf *out, const struct part *part)
{
	char name[IF_NAMESIZE];
	unsigned int index;

	if (!take(part, &index, sizeof(index)))
		return false;
	if (part->reader->interface && part->reader->interface(index, name))
		buf_put_text(out, name);
	else
		buf_format(out, "%u", index);
	return true;
}

/* As ctime(3) writes it, in local time, but for a year of any length. */
static bool put_time(struct buf *out, const struct part *part)
{
	struct timeval value;
	char text[64];
	struct tm local;

	if (!take(part, &value, sizeof(value)))
		return false;
	if (localtime_r(&value.tv_sec, &local) &&
	    strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &local))
		buf_put_text(out, text);
	else
		buf_format(out, "%lld", (long long)value.tv_sec);
	buf_format(out, ", %06lu usecs", (unsigned long)value.tv_usec % 1000000);
	return true;
}

struct fact_row {
	const char *name, *variable;
	size_t at;
	put_fact *put;
};

struct message_row {
	int level, type;
	const char *name;
	struct fact_row facts[FACTS_MAX];
};

#define ERROR_FACTS(prefix)                                                                        \
	{                                                                                          \
		{ "errno", prefix "_ERRNO", offsetof(struct sock_extended_err, ee_errno),          \
		  put_unsigned },                                                                  \
		{ "origin", prefix "_ORIGIN", offsetof(struct sock_extended_err, ee_origin),       \
		  put_byte },                                                                      \
		{ "type", prefix "_TYPE", offsetof(struct sock_extended_err, ee_type), put_byte }, \
		{ "code", prefix "_CODE", offsetof(struct sock_extended_err, ee_code), put_byte }, \
		{ "info", prefix "_INFO", offsetof(struct sock_extended_err, ee_info),             \
		  put_unsigned },                                                                  \
		{ "data", prefix "_DATA", offsetof(struct sock_extended_err, ee_data),             \
		  put_unsigned },                                                                  \
	}

static const struct message_row messages[] = {
	{ SOL_SOCKET, SCM_TIMESTAMP, "SCM_TIMESTAMP",
	  { { "timestamp", "TIMESTAMP", 0, put_time } } },
	{ SOL_SOCKET, SCM_CREDENTIALS, "SCM_CREDENTIALS",
	  { { "pid", "CREDENTIALS_PID", offsetof(struct ucred, pid), put_number },
	    { "uid", "CREDENTIALS_UID", offsetof(struct ucred, uid), put_unsigned },
	    { "gid", "CREDENTIALS_GID", offsetof(struct ucred, gid), put_unsigned } } },
	{ IPPROTO_IP, IP_PKTINFO, "IP_PKTINFO",
	  { { "if", "IP_IF", offsetof(struct in_pktinfo, ipi_ifindex), put_interface },
	    { "locaddr", "IP_LOCADDR", offsetof(struct in_pktinfo, ipi_spec_dst), put_ipv4 },
	    { "dstaddr", "IP_DSTADDR", offsetof(struct in_pktinfo, ipi_addr), put_ipv4 } } },
	{ IPPROTO_IP, IP_TTL, "IP_TTL", { { "ttl", "IP_TTL", 0, put_number } } },
	{ IPPROTO_IP, IP_TOS, "IP_TOS", { { "tos", "IP_TOS", 0, put_number } } },
	{ IPPROTO_IP, IP_RECVOPTS, "IP_OPTIONS", { { "options", "IP_OPTIONS", 0, put_hex } } },
	{ IPPROTO_IP, IP_RETOPTS, "IP_RETOPTS", { { "options", "IP_RETOPTS", 0, put_hex } } },
	{ IPPROTO_IP, IP_RECVERR, "IP_RECVERR", ERROR_FACTS("IP_RECVERR") },
	{ IPPROTO_IPV6, IPV6_PKTINFO, "IPV6_PKTINFO",
	  { { "dstaddr", "IPV6_DSTADDR", offsetof(struct in6_pktinfo, ipi6_addr), put_ipv6 },
	    { "if", "IPV6_IF", offsetof(struct in6_pktinfo, ipi6_ifindex), put_interface } } },
	{ IPPROTO_IPV6, IPV6_HOPLIMIT, "IPV6_HOPLIMIT",
	  { { "hoplimit", "IPV6_HOPLIMIT", 0, put_number } } },
	{ IPPROTO_IPV6, IPV6_TCLASS, "IPV6_TCLASS",
	  { { "tclass", "IPV6_TCLASS", 0, put_hex_number } } },
	{ IPPROTO_IPV6, IPV6_RTHDR, "IPV6_RTHDR", { { "rthdr", "IPV6_RTHDR", 0, put_hex } } },
	{ IPPROTO_IPV6, IPV6_DSTOPTS, "IPV6_DSTOPTS",
	  { { "dstopts", "IPV6_DSTOPTS", 0, put_hex } } },
	{ IPPROTO_IPV6, IPV6_HOPOPTS, "IPV6_HOPOPTS",
	  { { "hopopts", "IPV6_HOPOPTS", 0, put_hex } } },
	{ IPPROTO_IPV6, IPV6_PATHMTU, "IPV6_PATHMTU",
	  { { "mtu", "IPV6_PATHMTU", offsetof(struct ip6_mtuinfo, ip6m_mtu), put_unsigned } } },
	{ IPPROTO_IPV6, IPV6_RECVERR, "IPV6_RECVERR", ERROR_FACTS("IPV6_RECVERR") },
};

static const struct message_row *find(const struct cmsghdr *header)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (messages[i].level == header->cmsg_level &&
		    messages[i].type == header->cmsg_type)
			return &messages[i];
	return NULL;
}

static void tell_row(const struct message_row *row, const struct part *message)
{
	for (size_t i = 0; i < FACTS_MAX && row->facts[i].name; i++) {
		const struct fact_row *fact = &row->facts[i];
		size_t at = MIN(fact->at, message->len);
		struct part part = { message->data + at, message->len - at, message->reader };
		auto_buf value = { 0 };

		if (!fact->put(&value, &part))
			continue;
		message->reader->tell(message->reader->context,
				      &(struct ancillary_fact){ row->name, fact->name,
								fact->variable,
								buf_text(&value) });
	}
}

static void tell_unknown(const struct cmsghdr *header, const struct part *message)
{
	auto_buf level = { 0 };
	auto_buf name = { 0 };
	auto_buf value = { 0 };

	if (header->cmsg_level == SOL_SOCKET)
		buf_put_text(&level, "SOCKET");
	else if (header->cmsg_level == IPPROTO_IP || header->cmsg_level == IPPROTO_IPV6)
		buf_put_text(&level, header->cmsg_level == IPPROTO_IP ? "IP" : "IPV6");
	else
		buf_format(&level, "level_%d", header->cmsg_level);
	buf_format(&name, "type_%d", header->cmsg_type);
	(void)put_hex(&value, message);
	message->reader->tell(message->reader->context,
			      &(struct ancillary_fact){ buf_text(&level), buf_text(&name), NULL,
							buf_text(&value) });
}

/* Takes the next message off the front; false: there is no whole one. */
static bool next_message(struct part *rest, struct cmsghdr *ret_header, struct part *ret)
{
	size_t used;

	if (!take(rest, ret_header, sizeof(*ret_header)) ||
	    ret_header->cmsg_len < CMSG_LEN(0) || ret_header->cmsg_len > rest->len)
		return false;
	*ret = (struct part){ rest->data + CMSG_LEN(0), ret_header->cmsg_len - CMSG_LEN(0),
			      rest->reader };
	used = MIN(CMSG_ALIGN(ret_header->cmsg_len), rest->len);
	rest->data += used;
	rest->len -= used;
	return true;
}

static bool carries_descriptors(const struct cmsghdr *header)
{
	return header->cmsg_level == SOL_SOCKET &&
	       (header->cmsg_type == SCM_RIGHTS || header->cmsg_type == SCM_PIDFD);
}

void ancillary_decode(const void *control, size_t len, const struct ancillary_reader *reader)
{
	struct part rest = { control, len, reader }, message;
	struct cmsghdr header;

	while (next_message(&rest, &header, &message)) {
		const struct message_row *row = find(&header);

		if (row)
			tell_row(row, &message);
		else if (!carries_descriptors(&header))
			tell_unknown(&header, &message);
	}
}

void ancillary_descriptors(const void *control, size_t len, void (*visit)(int fd))
{
	struct part rest = { control, len, NULL }, message;
	struct cmsghdr header;
	int fd;

	while (next_message(&rest, &header, &message)) {
		if (!carries_descriptors(&header))
			continue;
		while (take(&message, &fd, sizeof(fd))) {
			visit(fd);
			message.data += sizeof(fd);
			message.len -= sizeof(fd);
		}
	}
}
