/* SPDX-License-Identifier: MIT */
/* The system part of procan: resource limits, C types, network interfaces. */

#include "tool/procan.h"

#include "base/base.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *above; /* a line of its own above the limit */
	const char *label;
	unsigned int resource; /* as glibc's getrlimit(2) takes it */
} limits[] = {
	{ "", "cpu time (seconds)", RLIMIT_CPU },
	{ "", "file size (blocks)", RLIMIT_FSIZE },
	{ "", "data seg size (kbytes)", RLIMIT_DATA },
	{ "", "stack size (blocks)", RLIMIT_STACK },
	{ "", "core file size (blocks)", RLIMIT_CORE },
	{ "", "max resident set size", RLIMIT_RSS },
	{ "", "max user processes", RLIMIT_NPROC },
	{ "", "open files", RLIMIT_NOFILE },
	{ "max locked-in-memory\n", "  address space", RLIMIT_MEMLOCK },
	{ "", "virtual memory (kbytes)", RLIMIT_AS },
};

/* The name of the basic type behind a type, and the line that tells it. */
/* clang-format off */
#define BASIC_TYPE(type)                                                                           \
	_Generic((type)0, short: "short", unsigned short: "unsigned short", int: "int",            \
		 unsigned int: "unsigned int", long: "long", unsigned long: "unsigned long",       \
		 long long: "long long", unsigned long long: "unsigned long long")
#define TYPE_ROW(type) { BASIC_TYPE(type), #type, sizeof(type) }
/* clang-format on */

/* Not size_t: scripts take the third word of the line that says "size_t", which is
 * the one of its size below. */
static const struct {
	const char *basic, *name;
	size_t size;
} types[] = {
	TYPE_ROW(mode_t), TYPE_ROW(pid_t),  TYPE_ROW(uid_t),
	TYPE_ROW(gid_t),  TYPE_ROW(time_t), TYPE_ROW(socklen_t),
	TYPE_ROW(off_t),  { BASIC_TYPE(int64_t), "off64_t", sizeof(int64_t) },
	TYPE_ROW(dev_t),  TYPE_ROW(ino_t),  TYPE_ROW(tcflag_t),
};

static const struct {
	const char *label; /* with the original's blanks before the sign */
	size_t size;
} sizes[] = {
	{ "sizeof(char)     ", sizeof(char) },
	{ "sizeof(short)    ", sizeof(short) },
	{ "sizeof(int)      ", sizeof(int) },
	{ "sizeof(long)     ", sizeof(long) },
	{ "sizeof(long long)", sizeof(long long) },
	{ "sizeof(size_t)   ", sizeof(size_t) },
	{ "sizeof(struct timespec)     ", sizeof(struct timespec) },
};

static void print_limits(void)
{
	struct rlimit limit;

	printf("\n/* Resource limits */\n%-24s%24s%24s\n", "resource", "current", "maximum");
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (getrlimit(limits[i].resource, &limit) < 0)
			continue;
		printf("%s%-24s%24llu%24llu\n", limits[i].above, limits[i].label,
		       (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
	}
	printf("%-24s  = %-24zu\n", "SIZE_MAX", SIZE_MAX);
}

static void print_library(void)
{
	printf("\n// CC: %s\n", __VERSION__);
	printf("#define __STDC_VERSION__ %ld\n", __STDC_VERSION__);
	printf("#define P_tmpdir \"%s\"\n", P_tmpdir);
	printf("#define L_tmpnam %d\n", L_tmpnam);
	printf("#define TMP_MAX %d\n", TMP_MAX);
	printf("#define FD_SETSIZE %d\n", FD_SETSIZE);
	printf("#define PIPE_BUF %d\n", PIPE_BUF);
}

static void print_types(void)
{
	printf("\nC TYPE SIZES\n");
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		printf("%s = %zu\n", sizes[i].label, sizes[i].size);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		printf("typedef %s %s; /* sizeof(%s) = %zu */\n", types[i].basic, types[i].name,
		       types[i].name, types[i].size);
	printf("byte order: %s endian\n",
	       __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big");
}

/* Those that have an IPv4 address, as the original finds them. */
static void print_interfaces(void)
{
	struct ifaddrs *list;

	printf("\nIP INTERFACES\n");
	if (getifaddrs(&list) < 0)
		return;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET)
			printf("%2u: %s\n", if_nametoindex(i->ifa_name), i->ifa_name);
	freeifaddrs(list);
}

static void print_namespace(void)
{
	char name[64];
	ssize_t len = readlink("/proc/self/ns/net", name, sizeof(name));

	if (len >= 0)
		printf("\nNetwork namespace: %.*s\n", (int)len, name);
}

static void print_vsock(void)
{
	auto_close int fd = open("/dev/vsock", O_RDONLY | O_CLOEXEC);
	unsigned int cid;

	if (fd >= 0 && ioctl(fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) == 0)
		printf("VSOCK_CID        = %u\n", cid);
}

void procan_print_system(void)
{
	print_limits();
	print_library();
	print_types();
	print_interfaces();
	print_namespace();
	print_vsock();
}
