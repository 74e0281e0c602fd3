/* SPDX-License-Identifier: MIT */
/* The numbers behind the names that generic socket addresses and the options
 * setsockopt and ioctl need.  Exactly one blank before a value, because scripts
 * cut at it; so with TIOCEXCL too, as in 1.7, though 1.8 writes four. */

#include "tool/procan.h"

#include "base/platform.h"
#include "base/base.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>

enum base { DECIMAL, OCTAL, HEX };

/* clang-format off */
#define ROW(base, name) { #name, base, (unsigned long)(name) }
/* clang-format on */

static const struct {
	const char *name;
	enum base base;
	unsigned long value;
} constants[] = {
	ROW(DECIMAL, FD_SETSIZE),
	ROW(DECIMAL, NFDBITS),
	ROW(DECIMAL, O_RDONLY),
	ROW(DECIMAL, O_WRONLY),
	ROW(DECIMAL, O_RDWR),
	ROW(DECIMAL, SHUT_RD),
	ROW(DECIMAL, SHUT_WR),
	ROW(DECIMAL, SHUT_RDWR),
	ROW(OCTAL, CRDLY),
	ROW(OCTAL, CR0),
	ROW(OCTAL, CR1),
	ROW(OCTAL, CR2),
	ROW(OCTAL, CR3),
	ROW(OCTAL, TABDLY),
	ROW(OCTAL, TAB0),
	ROW(OCTAL, TAB1),
	ROW(OCTAL, TAB2),
	ROW(OCTAL, TAB3),
	ROW(OCTAL, CSIZE),
	ROW(HEX, TIOCEXCL),
	ROW(DECIMAL, FOPEN_MAX),
	ROW(DECIMAL, PF_UNIX),
	ROW(DECIMAL, PF_INET),
	ROW(DECIMAL, PF_INET6),
	ROW(DECIMAL, PF_APPLETALK),
	ROW(DECIMAL, PF_PACKET),
	ROW(DECIMAL, SOCK_STREAM),
	ROW(DECIMAL, SOCK_DGRAM),
	ROW(DECIMAL, SOCK_RAW),
	ROW(DECIMAL, SOCK_SEQPACKET),
	ROW(DECIMAL, SOCK_PACKET),
	ROW(DECIMAL, IPPROTO_IP),
	ROW(DECIMAL, IPPROTO_TCP),
	ROW(DECIMAL, IPPROTO_UDP),
	ROW(DECIMAL, IPPROTO_SCTP),
	ROW(DECIMAL, IPPROTO_DCCP),
	ROW(HEX, SOL_SOCKET),
	ROW(HEX, SOL_PACKET),
	ROW(HEX, SOL_IP),
	ROW(HEX, SOL_IPV6),
	ROW(HEX, SOL_TCP),
	ROW(HEX, SOL_DCCP),
	ROW(DECIMAL, SO_REUSEADDR),
	ROW(DECIMAL, TCP_MAXSEG),
};

void procan_print_constants(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
		if (constants[i].base == DECIMAL)
			printf("#define %s %lu\n", constants[i].name, constants[i].value);
		else if (constants[i].base == OCTAL)
			printf("#define %s %012lo\n", constants[i].name, constants[i].value);
		else
			printf("#define %s 0x%lx\n", constants[i].name, constants[i].value);
	}
}
