/* SPDX-License-Identifier: MIT */
/* TUN: a network interface of our own, whose other end is the stream: what the
 * system sends there is read, what is written arrives there. */

#include "addr/families.h"
#include "addr/file.h"
#include "addr/interface.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "net/interface.h"
#include "net/resolve.h"
#include "opt/action.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>

static int interface_type(struct opening *o, short *ret)
{
	const char *type = o->address->settings.tun_type;
	short flags = IFF_TUN;

	if (type && str_equal(type, "tap"))
		flags = IFF_TAP;
	else if (type && !str_equal(type, "tun"))
		return err_set(o->err, -EINVAL,
			       "option \"tun-type\": \"%s\" is neither tun nor tap", type);
	if (o->address->settings.tun_bare)
		flags |= IFF_NO_PI;
	*ret = flags;
	return 0;
}

/* Makes the interface; name has IFNAMSIZ bytes for what it is called. */
static int create(struct opening *o, int fd, char *name)
{
	const char *wanted = o->address->settings.tun_name;
	struct ifreq request = { 0 };
	int r;

	r = interface_type(o, &request.ifr_flags);
	if (r < 0)
		return r;
	if (wanted && strlen(wanted) >= sizeof(request.ifr_name))
		return err_set(o->err, -EINVAL,
			       "option \"tun-name\": \"%s\" is longer than %zu bytes", wanted,
			       sizeof(request.ifr_name) - 1);
	if (wanted)
		memcpy(request.ifr_name, wanted, strlen(wanted));
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		return err_set(o->err, -errno, "ioctl(%d, TUNSETIFF, {\"%s\"}): %s", fd,
			       request.ifr_name, err_reason(-errno));
	memcpy(name, request.ifr_name, sizeof(request.ifr_name));
	name[sizeof(request.ifr_name) - 1] = '\0';
	log_notice("TUN: new interface \"%s\"", name);
	return 0;
}

struct network {
	struct in_addr address;
	unsigned int bits;
};

static int parse_network(struct opening *o, const char *text, struct network *ret)
{
	const char *slash = strrchr(text, '/');
	auto_free char *host = slash ? str_copy_n(text, (size_t)(slash - text)) : NULL;
	struct net_query q = { .host = host, .family = AF_INET };
	auto_addresses list = { 0 };
	long long bits;
	int r;

	if (!slash || slash == text || num_parse_decimal(slash + 1, 0, 32, &bits) < 0)
		return err_set(o->err, -EINVAL, "%s: \"%s\" is not <ip-addr>/<bits>",
			       o->address->keyword, text);
	r = net_resolve(&q, &list, o->err);
	if (r < 0)
		return r;
	*ret = (struct network){ list.items[0].in.sin_addr, (unsigned int)bits };
	return 0;
}

static int configure(struct opening *o, const char *name, const struct network *network)
{
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return err_set(o->err, -errno, "socket(%d, %d, 0): %s", AF_INET, SOCK_DGRAM,
			       err_reason(-errno));
	if (network) {
		r = net_interface_set_address(fd, name, network->address, network->bits);
		if (r < 0)
			return err_set(o->err, r, "address of interface \"%s\": %s", name,
				       err_reason(r));
	}
	return interface_set_up(o, fd, name, NULL); /* it goes with the descriptor */
}

static int open_device(struct opening *o)
{
	static const char *const ours[] = { "tun-device", "tun-name", "tun-type", "iff-no-pi" };
	const char *device = o->address->settings.tun_device;

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		(void)opening_take(o, ours[i]);
	return file_open(o, device ? device : "/dev/net/tun", O_RDWR);
}

static int open_tun(struct opening *o, struct stream **ret)
{
	const struct address *a = o->address;
	struct network network;
	char name[IFNAMSIZ];
	auto_stream s = NULL;
	int fd, r;

	r = a->n_params ? parse_network(o, a->params[0], &network) : 0;
	if (r < 0)
		return r;
	log_notice("creating tunnel network interface");
	fd = open_device(o);
	if (fd < 0)
		return fd;
	s = stream_new(o->wanted & DIR_READ ? fd : -1, o->wanted & DIR_WRITE ? fd : -1, END_CLOSE);
	s->shut = SHUT_NONE;
	s->packets = true;
	r = opening_apply(o, PHASE_PASTOPEN, fd, NULL);
	if (r == 0)
		r = create(o, fd, name);
	if (r == 0)
		r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r == 0)
		r = configure(o, name, a->n_params ? &network : NULL);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

static const struct addr_type rows[] = {
	{ "TUN", "[:<ip-addr>/<bits>]", "make a network interface and be its other end",
	  GROUP_FD | GROUP_CHR | GROUP_OPEN | GROUP_INTERFACE, DIR_BOTH, 0, 1, open_tun },
};

const struct addr_table tun_addresses = { rows, ARRAY_SIZE(rows) };

#define TUN(names, help, phase, type, store, member)                                               \
	{ names, help, GROUP_INTERFACE, phase, SCOPE_TAKEN, &value_##type, opt_store_##store,      \
	  { .offset = offsetof(struct settings, member) } }

static const struct opt_type options[] = {
	TUN("tun-device", "make the interface with this device instead of /dev/net/tun", PHASE_OPEN,
	    filename, text, tun_device),
	TUN("tun-name", "call the new interface so", PHASE_FD, string, text, tun_name),
	TUN("tun-type", "make it for IP packets (tun) or Ethernet frames (tap)", PHASE_FD, string,
	    text, tun_type),
	TUN("iff-no-pi no-pi tun-no-pi", "do without the four bytes before each packet", PHASE_FD,
	    bool, bool, tun_bare),
};

const struct opt_table tun_options = { options, ARRAY_SIZE(options) };
