/* SPDX-License-Identifier: MIT */
/* Who may talk to us: range, sourceport, lowport; see permit.h and addr.h. */

#include "addr/permit.h"

#include "addr/addr.h"
#include "addr/tcpwrap.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "net/resolve.h"
#include "opt/dalan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum { PRIVILEGED_PORTS = 1024 };

static void fill_mask(uint8_t *mask, size_t bits)
{
	for (size_t i = 0; i < bits; i++)
		mask[i / 8] = (uint8_t)(mask[i / 8] | 0x80 >> (i % 8));
}

static int parse_mask(const char *text, char kind, struct address_range *range, struct err *err)
{
	long long bits;

	if (kind == '/') {
		if (num_parse_decimal(text, 0, (long long)range->len * 8, &bits) < 0)
			return err_set(err, -EINVAL, "range: \"%s\" is not a number of bits 0..%zu",
				       text, range->len * 8);
		fill_mask(range->mask, (size_t)bits);
		return 0;
	}
	if (range->family != AF_INET || inet_pton(AF_INET, text, range->mask) != 1)
		return err_set(err, -EINVAL, "range: \"%s\" is not an IPv4 netmask", text);
	return 0;
}

static int resolve_base(const char *host, int family, struct address_range *range, struct err *err)
{
	struct net_query q = { .host = host, .family = family, .prefer = AF_INET };
	auto_addresses list = { 0 };
	int r;

	r = net_resolve(&q, &list, err);
	if (r < 0)
		return r;
	range->family = list.items[0].any.sa_family;
	if (range->family == AF_INET) {
		range->len = 4;
		memcpy(range->address, &list.items[0].in.sin_addr, 4);
	} else {
		range->len = 16;
		memcpy(range->address, &list.items[0].in6.sin6_addr, 16);
	}
	return 0;
}

int range_parse(const char *text, int family, struct address_range *ret, struct err *err)
{
	const char *after = *text == '[' ? strchr(text, ']') : text;
	const char *split = after ? strpbrk(after, "/:") : NULL;
	struct address_range range = { 0 };
	auto_free char *host = NULL;
	int r;

	if (!split || split == text)
		return err_set(err, -EINVAL,
			       "range \"%s\": mask is missing, write <address>/<bits> or "
			       "<address>:<mask>",
			       text);
	host = str_copy_n(text, (size_t)(split - text));
	r = resolve_base(host, family, &range, err);
	if (r == 0)
		r = parse_mask(split + 1, *split, &range, err);
	if (r < 0)
		return r;
	*ret = range;
	return 0;
}

/* The colon between two texts of the data language, not one in a string. */
static const char *find_colon(const char *text)
{
	bool in_string = false;

	for (; *text; text++) {
		if (*text == '"')
			in_string = !in_string;
		else if (*text == '\\' && text[1])
			text++;
		else if (*text == ':' && !in_string)
			return text;
	}
	return NULL;
}

int range_parse_binary(const char *text, struct address_range *ret, struct err *err)
{
	const char *colon = find_colon(text);
	struct address_range range = { .family = AF_UNSPEC };
	auto_free char *address = NULL;
	size_t mask_len = 0;
	int r;

	if (!colon)
		return err_set(err, -EINVAL, "range \"%s\": mask is missing, write <data>:<mask>",
			       text);
	address = str_copy_n(text, (size_t)(colon - text));
	r = dalan_parse(address, range.address, sizeof(range.address), &range.len, err);
	if (r == 0)
		r = dalan_parse(colon + 1, range.mask, sizeof(range.mask), &mask_len, err);
	if (r < 0)
		return r;
	if (range.len != mask_len)
		return err_set(err, -EINVAL, "range \"%s\": %zu bytes of data, %zu of mask", text,
			       range.len, mask_len);
	*ret = range;
	return 0;
}

/* The bytes of an address that a range of this family is about. */
static const uint8_t *compared_bytes(const struct net_address *a, int family)
{
	switch (family) {
	case AF_INET:
		return (const uint8_t *)&a->in.sin_addr;
	case AF_INET6:
		return (const uint8_t *)&a->in6.sin6_addr;
	default:
		return (const uint8_t *)&a->storage + sizeof(sa_family_t);
	}
}

bool range_contains(const struct address_range *range, const struct net_address *a)
{
	const uint8_t *address = compared_bytes(a, range->family);

	if (a->len == 0)
		return false;
	if (range->family == AF_UNSPEC ? a->len < sizeof(sa_family_t) + range->len
				       : a->any.sa_family != range->family)
		return false;
	for (size_t i = 0; i < range->len; i++)
		if ((address[i] ^ range->address[i]) & range->mask[i])
			return false;
	return true;
}

/* The option that forbids this peer, in classic's words and order; NULL: none. */
static const char *objection(const struct settings *settings, const struct net_address *peer,
			     long wanted_port)
{
	long port = net_address_port(peer);

	if (settings->range && !range_contains(&settings->allowed, peer))
		return "range option";
	if (wanted_port >= 0 && port != wanted_port)
		return "wrong sourceport";
	if (wanted_port < 0 && settings->lowport && (port < 0 || port >= PRIVILEGED_PORTS))
		return "lowport option";
	if (settings->wrap_daemon && !tcpwrap_permits(settings, peer))
		return "tcpwrapper option";
	return NULL;
}

bool peer_is_admitted_from(const struct settings *settings, const struct net_address *peer,
			   long port)
{
	char text[NET_ADDRESS_TEXT];
	const char *reason = objection(settings, peer, port);

	if (reason)
		log_warn("refusing connection from %s due to %s",
			 net_address_text(peer, text, sizeof(text)), reason);
	else if (settings->range || settings->wrap_daemon || port >= 0 || settings->lowport)
		log_info("permitting connection from %s",
			 net_address_text(peer, text, sizeof(text)));
	return !reason;
}

bool peer_is_admitted(const struct settings *settings, const struct net_address *peer)
{
	return peer_is_admitted_from(settings, peer, settings->sourceport);
}
