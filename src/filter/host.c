/* SPDX-License-Identifier: MIT */
/*
 * Host conditions: [FAMILY:]ADDRESS[:PORT], each family in its own notation.
 *
 *	inet, inet6	10.0.0.0/8:22, [fe80::/10]:ssh, *:22, a name, any
 *	unix		a pattern for the name
 *	link		PROTOCOL:DEVICE
 *	netlink		PROTOCOL:PORTID
 *	vsock		CID:PORT
 *
 * Some of it looks odd (the port begins at the last colon after the slash if
 * there is one, so `::1` is an error); it is what ss accepts.
 */

#include "base/num.h"
#include "base/str.h"
#include "filter/parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

enum { IPV4_BITS = 32, IPV6_BITS = 128, NUMBER_BITS = 32, NETLINK_PROTOCOL_MAX = 255 };

/* One value on its way. */
struct value {
	const struct filter_context *context;
	bool is_port; /* after sport and dport there is no address */
	struct filter_host *host;
	struct err *err;
};

static bool is_given(const char *text)
{
	return text && text[0] && !str_equal(text, "*");
}

static int look_up(const struct value *v, enum filter_name kind, const char *name, uint64_t *ret)
{
	return v->context->number(v->context->context, kind, name, ret, NULL);
}

static void set_prefixes(struct filter_host *host, const struct filter_prefix *prefixes,
			 size_t count)
{
	host->prefixes = mem_copy(prefixes, count * sizeof(*prefixes));
	host->count = count;
}

/* A number instead of an address. */
static void set_number(struct filter_host *host, int family, uint32_t number)
{
	struct filter_prefix prefix = { .family = (uint8_t)family, .bits = NUMBER_BITS };

	memcpy(prefix.address, &number, sizeof(number));
	set_prefixes(host, &prefix, 1);
}

/* Splits at the first colon: *ret_address is NULL where only a port is wanted,
 * and the port is NULL where there is none. */
static char *cut_at_colon(const struct value *v, char *text, char **ret_address)
{
	char *colon = strchr(text, ':');

	*ret_address = v->is_port ? NULL : text;
	if (v->is_port)
		return text + (*text == ':');
	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int unix_value(struct value *v, char *text)
{
	v->host->pattern = str_copy(text);
	return 0;
}

static int link_value(struct value *v, char *text)
{
	const char *device = cut_at_colon(v, text, &text);
	long long number;
	uint64_t found;

	if (is_given(device)) {
		if (num_parse_c(device, INT_MIN, INT_MAX, &number) == 0)
			v->host->port = (int32_t)number;
		else if (look_up(v, FILTER_NAME_DEVICE, device, &found) == 0)
			v->host->port = (int32_t)found;
		else
			return -EINVAL;
	}
	if (is_given(text)) {
		if (look_up(v, FILTER_NAME_ETHERNET, text, &found) == 0)
			number = (long long)found;
		else if (num_parse_c(text, 0, UINT16_MAX, &number) < 0)
			return -EINVAL;
		set_number(v->host, AF_PACKET, (uint32_t)number);
	}
	return 0;
}

static int netlink_value(struct value *v, char *text)
{
	const char *port = cut_at_colon(v, text, &text);
	long long number;
	uint64_t found;

	if (is_given(port)) {
		if (str_equal(port, "kernel"))
			number = 0;
		else if (num_parse_c(port, INT_MIN, INT_MAX, &number) < 0)
			return -EINVAL;
		v->host->port = (int32_t)number;
	}
	if (is_given(text)) {
		if (look_up(v, FILTER_NAME_NETLINK, text, &found) == 0)
			number = (long long)found;
		else if (num_parse_c(text, 0, NETLINK_PROTOCOL_MAX, &number) < 0)
			return -EINVAL;
		set_number(v->host, AF_NETLINK, (uint32_t)number);
	}
	return 0;
}

static int vsock_value(struct value *v, char *text)
{
	const char *port = cut_at_colon(v, text, &text);
	long long number;

	if (is_given(port)) {
		if (num_parse_c(port, 0, UINT32_MAX, &number) < 0)
			return -EINVAL;
		v->host->port = (int32_t)(uint32_t)number;
	}
	if (is_given(text)) {
		if (num_parse_c(text, 0, UINT32_MAX, &number) < 0)
			return -EINVAL;
		set_number(v->host, AF_VSOCK, (uint32_t)number);
	}
	return 0;
}

/* One to four numbers with dots between them; missing ones are zero. */
static bool parse_ipv4(const char *text, uint8_t address[4])
{
	char part[16];

	memset(address, 0, sizeof(uint32_t));
	for (int i = 0; i < 4; i++) {
		size_t len = strcspn(text, ".");
		long long number;

		if (len >= sizeof(part))
			return false;
		memcpy(part, text, len);
		part[len] = '\0';
		if (num_parse_c(part, 0, UINT8_MAX, &number) < 0)
			return false;
		address[i] = (uint8_t)number;
		if (!text[len])
			return true;
		text += len + 1;
	}
	return false;
}

/* Length of a prefix: a number, or a netmask of leading ones. */
static bool parse_length(const char *text, unsigned int max, uint8_t *ret)
{
	uint8_t mask[4];
	long long number;
	uint32_t bits;

	if (num_parse_c(text, 0, max, &number) == 0) {
		*ret = (uint8_t)number;
		return true;
	}
	if (!strchr(text, '.') || !parse_ipv4(text, mask))
		return false;
	memcpy(&bits, mask, sizeof(bits));
	bits = ~ntohl(bits);
	if (bits & (bits + 1))
		return false;
	*ret = (uint8_t)(IPV4_BITS - __builtin_popcount(bits));
	return true;
}

/* Families that have no notation of their own have no addresses either. */
static bool may_be(int family, int wanted)
{
	return wanted == AF_UNSPEC || wanted == family;
}

static bool parse_address(const char *text, int family, struct filter_prefix *ret)
{
	if (strchr(text, ':')) {
		ret->family = AF_INET6;
		ret->bits = IPV6_BITS;
		return may_be(AF_INET6, family) && inet_pton(AF_INET6, text, ret->address) == 1;
	}
	ret->family = AF_INET;
	ret->bits = IPV4_BITS;
	return may_be(AF_INET, family) && parse_ipv4(text, ret->address);
}

static bool parse_prefix(const char *text, int family, struct filter_prefix *ret)
{
	size_t len = strcspn(text, "/");
	char address[INET6_ADDRSTRLEN + 16];

	*ret = (struct filter_prefix){ .family = (uint8_t)family };
	if (str_equal(text, "any") || str_equal(text, "all") || str_equal(text, "default"))
		return true;
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	return parse_address(address, family, ret) &&
	       (!text[len] || parse_length(text + len + 1, ret->bits, &ret->bits));
}

/* Resolvers take a number of IPv4 for an address of a family that they do not know. */
static bool find_number(const struct value *v, const char *name)
{
	struct filter_prefix found = { .family = AF_INET, .bits = IPV4_BITS };
	struct in_addr number;

	if (name[strspn(name, "0123456789.")] || !inet_aton(name, &number))
		return false;
	memcpy(found.address, &number, sizeof(number));
	set_prefixes(v->host, &found, 1);
	return true;
}

static bool find_host(const struct value *v, const char *name, int family)
{
	const struct filter_context *context = v->context;
	struct filter_prefix found[FILTER_ADDRESSES_MAX];
	size_t count = 0;

	if (strchr(name, ':')) /* an address of the wrong family: resolvers may take it */
		return false;
	if (!may_be(AF_INET, family) && !may_be(AF_INET6, family))
		return find_number(v, name);
	if (may_be(AF_INET, family))
		count = context->addresses(context->context, name, AF_INET, found,
					   ARRAY_SIZE(found));
	if (!count && may_be(AF_INET6, family))
		count = context->addresses(context->context, name, AF_INET6, found,
					   ARRAY_SIZE(found));
	if (count)
		set_prefixes(v->host, found, count);
	return count > 0;
}

/* A service's port; where tcp and udp both have the name, tcp's counts. */
static int find_port(const struct value *v, const char *text)
{
	diag_tables tables = v->context->tables;
	long long number;
	uint64_t found;

	if (num_parse_c(text, INT_MIN, INT_MAX, &number) == 0) {
		v->host->port = (int32_t)number;
		return 0;
	}
	if ((tables & TABLE_BIT(DIAG_TCP) &&
	     look_up(v, FILTER_NAME_TCP_SERVICE, text, &found) == 0) ||
	    (tables & TABLE_BIT(DIAG_UDP) &&
	     look_up(v, FILTER_NAME_UDP_SERVICE, text, &found) == 0)) {
		v->host->port = (int32_t)found;
		return 0;
	}
	return err_set(v->err, -EINVAL, "Error: \"%s\" does not look like a port.", text);
}

/* Where the port begins: at the colon, or right after the address.  *text
 * becomes the address alone.  NULL and -EINVAL: a bracket is open. */
static int cut_port(char **text, char **ret_port)
{
	char *slash = strchr(*text, '/');

	if (**text == '[') {
		++*text;
		*ret_port = strchr(*text, ']');
		if (!*ret_port)
			return -EINVAL;
		*(*ret_port)++ = '\0';
	} else if (**text == '*') {
		*ret_port = *text + 1;
	} else {
		*ret_port = strrchr(slash ? slash : *text, ':');
	}
	return 0;
}

static int inet_value(struct value *v, char *text, int family)
{
	struct filter_prefix prefix;
	char *port;
	int r;

	r = cut_port(&text, &port);
	if (r < 0)
		return r;
	if (v->is_port)
		port = text;
	if (port && *port == ':')
		*port++ = '\0';
	if (port && *port && *port != '*') {
		r = find_port(v, port);
		if (r < 0)
			return r;
	}
	if (v->is_port || !*text || *text == '*')
		return 0;
	if (parse_prefix(text, family, &prefix)) {
		set_prefixes(v->host, &prefix, 1);
		return 0;
	}
	if (find_host(v, text, family))
		return 0;
	return err_set(v->err, -EINVAL, "Error: an inet prefix is expected rather than \"%s\".",
		       text);
}

static const struct notation {
	const char *prefix;
	int family;
	int (*read)(struct value *v, char *text); /* NULL: inet_value() */
} notations[] = {
	{ "unix:", AF_UNIX, unix_value },	  { "link:", AF_PACKET, link_value },
	{ "netlink:", AF_NETLINK, netlink_value }, { "vsock:", AF_VSOCK, vsock_value },
	{ "inet:", AF_INET, NULL },		  { "inet6:", AF_INET6, NULL },
};

/* A family that is named counts more than the preferred one. */
static const struct notation *find_notation(const char *text, int preferred)
{
	const struct notation *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(notations); i++) {
		if (str_begins(text, notations[i].prefix))
			return &notations[i];
		if (notations[i].family == preferred)
			found = &notations[i];
	}
	return found;
}

int filter_host_value(char *text, bool is_port, const struct filter_context *context, int *family,
		      struct filter_node *ret, struct err *err)
{
	const struct notation *notation = find_notation(text, *family);
	struct err cause = { 0 };
	struct value v = {
		.context = context, .is_port = is_port, .host = &ret->host, .err = &cause
	};
	int r;

	*ret = (struct filter_node){ .kind = FILTER_HOST, .host.port = FILTER_ANY_PORT };
	*family = notation ? notation->family : *family;
	if (notation && str_begins(text, notation->prefix))
		text += strlen(notation->prefix);
	if (notation && notation->read)
		r = notation->read(&v, text);
	else
		r = inet_value(&v, text, *family);
	if (r == 0)
		return 0;
	filter_node_done(ret);
	return err_set(err, -EINVAL, "%s%sCannot parse dst/src address.", cause.text,
		       cause.text[0] ? "\n" : "");
}
