/* SPDX-License-Identifier: MIT */
/* Network interfaces; see interface.h. */

#include "net/interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

static int request(int fd, unsigned long what, const char *name, struct ifreq *r)
{
	size_t len = strlen(name);

	if (len >= sizeof(r->ifr_name))
		return -ENODEV;
	memcpy(r->ifr_name, name, len + 1);
	return ioctl(fd, what, r) < 0 ? -errno : 0;
}

int net_interface_index(int fd, const char *name, int *ret)
{
	struct ifreq i = { 0 };
	int r = request(fd, SIOCGIFINDEX, name, &i);

	if (r == 0)
		*ret = i.ifr_ifindex;
	return r;
}

int net_interface_flags(int fd, const char *name, uint16_t *ret)
{
	struct ifreq i = { 0 };
	int r = request(fd, SIOCGIFFLAGS, name, &i);

	if (r == 0)
		*ret = (uint16_t)i.ifr_flags;
	return r;
}

int net_interface_set_flags(int fd, const char *name, uint16_t flags)
{
	struct ifreq i = { .ifr_flags = (short)flags };

	return request(fd, SIOCSIFFLAGS, name, &i);
}

int net_interface_set_mtu(int fd, const char *name, int mtu)
{
	struct ifreq i = { .ifr_mtu = mtu };

	return request(fd, SIOCSIFMTU, name, &i);
}

static int set_in(int fd, unsigned long what, const char *name, struct in_addr address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = address };
	struct ifreq i = { 0 };

	memcpy(&i.ifr_addr, &in, sizeof(in));
	return request(fd, what, name, &i);
}

int net_interface_set_address(int fd, const char *name, struct in_addr address, unsigned int bits)
{
	struct in_addr mask = { htonl((uint32_t)(UINT64_C(0xffffffff) << (32 - bits))) };
	int r = set_in(fd, SIOCSIFADDR, name, address);

	return r < 0 ? r : set_in(fd, SIOCSIFNETMASK, name, mask);
}
