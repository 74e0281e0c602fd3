/* SPDX-License-Identifier: MIT */
/* Frames of a network interface, and the options of interfaces. */

#include "addr/interface.h"

#include "addr/families.h"
#include "addr/socket.h"
#include "base/log.h"
#include "base/str.h"
#include "net/interface.h"
#include "opt/action.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

/* The protocol of socket(2) is in network order (packet(7)); none means that the
 * socket hears nothing before it is bound to the interface. */
static void frame_address(const struct socket_kind *kind, int index, struct net_address *ret)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = kind->protocol ? (uint16_t)kind->protocol : htons(ETH_P_ALL),
		.sll_ifindex = index,
	};

	*ret = (struct net_address){ .len = sizeof(to) };
	memcpy(&ret->storage, &to, sizeof(to));
}

static int bind_to_interface(struct opening *o, const struct socket_kind *kind, int fd, int index)
{
	char text[NET_ADDRESS_TEXT];
	struct net_address local;
	int one = 1;
	int r;

	/* Saves copies; frames_read() drops them where the kernel cannot. */
	(void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	frame_address(kind, index, &local);
	r = socket_bind(o, fd, &local, NULL);
	if (r < 0)
		return r;
	log_notice("successfully prepared local socket %s",
		   net_address_text(&local, text, sizeof(text)));
	return 0;
}

/* The interface is taken up first: bound to one that is down, the socket's first
 * read would fail. */
static int open_interface(struct opening *o, struct stream **ret)
{
	const char *name = o->address->params[0];
	struct socket_kind kind;
	auto_stream s = NULL;
	int fd, index, r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	fd = socket_new(o, &kind);
	if (fd < 0)
		return fd;
	s = stream_new_frames(o->wanted & DIR_READ ? fd : -1, o->wanted & DIR_WRITE ? fd : -1);
	r = net_interface_index(fd, name, &index);
	if (r < 0)
		return err_set(o->err, r, "unknown interface \"%s\"", name);
	r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r == 0)
		r = interface_set_up(o, fd, name, s);
	if (r == 0)
		r = bind_to_interface(o, &kind, fd, index);
	if (r == 0)
		r = opening_apply(o, PHASE_CONNECTED, fd, NULL);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

static const struct addr_type rows[] = {
	{ "INTERFACE IF", ":<interface>", "exchange frames with a network interface",
	  GROUP_FD | GROUP_SOCKET | GROUP_INTERFACE, DIR_BOTH, 1, 1, open_interface,
	  .args = { .family = AF_PACKET, .type = SOCK_RAW } },
};

const struct addr_table interface_addresses = { rows, ARRAY_SIZE(rows) };

/* args.mask: the IFF_ flag, to be set or cleared; the last word counts. */
static int store_flag(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct settings *settings = t->settings;
	int flag = (int)o->type->args.mask;
	bool on = o->value.number[0] != 0;

	(void)fd;
	(void)err;
	settings->iff_on = on ? settings->iff_on | flag : settings->iff_on & ~flag;
	settings->iff_off = on ? settings->iff_off & ~flag : settings->iff_off | flag;
	return 0;
}

#define FLAG(names, help, flag)                                                                    \
	{ names, help, GROUP_INTERFACE, PHASE_OFFSET, SCOPE_SETTINGS, &value_bool, store_flag,     \
	  { .mask = (flag) } }

static const struct opt_type options[] = {
	FLAG("iff-up up", "take the interface up", IFF_UP),
	FLAG("iff-broadcast", "flag a broadcast address", IFF_BROADCAST),
	FLAG("iff-debug", "turn on debugging of the interface", IFF_DEBUG),
	FLAG("iff-loopback loopback", "flag a loopback interface", IFF_LOOPBACK),
	FLAG("iff-pointopoint pointopoint", "flag a line with one other end", IFF_POINTOPOINT),
	FLAG("iff-notrailers notrailers", "do without trailers", IFF_NOTRAILERS),
	FLAG("iff-running running", "flag allocated resources", IFF_RUNNING),
	FLAG("iff-noarp noarp", "do without ARP", IFF_NOARP),
	FLAG("iff-promisc promisc", "receive the frames for others, too", IFF_PROMISC),
	FLAG("iff-allmulti allmulti", "receive all multicast frames", IFF_ALLMULTI),
	FLAG("iff-master master", "flag the master of a bundle", IFF_MASTER),
	FLAG("iff-slave slave", "flag a slave of a bundle", IFF_SLAVE),
	FLAG("iff-multicast multicast", "support multicast", IFF_MULTICAST),
	FLAG("iff-portsel portsel", "let the media be selected", IFF_PORTSEL),
	FLAG("iff-automedia automedia", "select the media automatically", IFF_AUTOMEDIA),
	{ "interface-mtu if-mtu", "set the longest packet, in bytes", GROUP_INTERFACE, PHASE_LATE,
	  SCOPE_SETTINGS, &value_uint, opt_store_int,
	  { .offset = offsetof(struct settings, interface_mtu) } },
	{ "retrieve-vlan", "put the VLAN tag back that the kernel took out of a frame",
	  GROUP_INTERFACE, PHASE_LATE, SCOPE_FD, &value_const, opt_sockopt_int,
	  { .level = SOL_PACKET, .name = PACKET_AUXDATA } },
};

const struct opt_table interface_options = { options, ARRAY_SIZE(options) };

/* Linux says nothing when it leaves a flag alone. */
static void warn_of_flags(const char *name, uint16_t wrong)
{
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const struct opt_type *row = &options[i];
		const char *first = str_word(row->names, &len);

		if (row->action == store_flag && row->args.mask & wrong)
			log_warn("interface \"%s\": option \"%.*s\" has no effect", name, (int)len,
				 first);
	}
}

static int set_flags(struct opening *o, int fd, const char *name, struct stream *s)
{
	const struct settings *settings = &o->address->settings;
	uint16_t on = (uint16_t)settings->iff_on, off = (uint16_t)settings->iff_off;
	uint16_t before, now;
	int r;

	if (!on && !off)
		return 0;
	r = net_interface_flags(fd, name, &before);
	if (r == 0 && s)
		saved_interface_take(&s->interface, name, before);
	if (r == 0)
		r = net_interface_set_flags(fd, name, (uint16_t)((before | on) & ~off));
	if (r == 0)
		r = net_interface_flags(fd, name, &now);
	if (r < 0)
		return err_set(o->err, r, "flags of interface \"%s\": %s", name, err_reason(r));
	warn_of_flags(name, (uint16_t)((on & ~now) | (off & now)));
	return 0;
}

int interface_set_up(struct opening *o, int fd, const char *name, struct stream *s)
{
	int mtu = o->address->settings.interface_mtu;
	int r;

	if (mtu >= 0) {
		r = net_interface_set_mtu(fd, name, mtu);
		if (r < 0)
			return err_set(o->err, r, "MTU %d of interface \"%s\": %s", mtu, name,
				       err_reason(r));
	}
	return set_flags(o, fd, name, s);
}
