/* SPDX-License-Identifier: MIT */
/* Options of all sockets. */

#include "addr/families.h"
#include "base/platform.h"
#include "opt/action.h"

#include <errno.h>
#include <sys/ioctl.h>

static int set_owner(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	int pid = (int)o->value.number[0];

	(void)t;
	if (ioctl(fd, (unsigned long)o->type->args.level, &pid) < 0)
		return err_set(err, -errno, "ioctl(%d) for option \"%s\": %s", fd, o->name,
			       err_reason(-errno));
	return 0;
}

#define SO(names, help, number)                                                                    \
	{ names, help, GROUP_SOCKET, PHASE_PASTSOCKET, SCOPE_FD, &value_int, opt_sockopt_int,      \
	  { .level = SOL_SOCKET, .name = (number) } }
#define SO_AT(names, help, phase_name, type, action, number)                                       \
	{ names, help, GROUP_SOCKET, phase_name, SCOPE_FD, &value_##type, opt_sockopt_##action,    \
	  { .level = SOL_SOCKET, .name = (number) } }
#define USER(names, help, phase_name, type)                                                        \
	{ names, help, GROUP_SOCKET, phase_name, SCOPE_FD, &value_##type, opt_sockopt_user }
#define STORE(names, help, phase_name, type, store, member)                                        \
	{ names, help, GROUP_SOCKET, phase_name, SCOPE_SETTINGS, &value_##type,                    \
	  opt_store_##store, { .offset = offsetof(struct settings, member) } }
#define TAKEN(names, help, phase_name, type, store, member)                                        \
	{ names, help, GROUP_SOCKET, phase_name, SCOPE_TAKEN, &value_##type, opt_store_##store,    \
	  { .offset = offsetof(struct settings, member) } }

static const struct opt_type options[] = {
	SO("so-debug debug", "have the kernel record debugging information", SO_DEBUG),
	SO("so-acceptconn acceptconn", "read-only: setting it fails", SO_ACCEPTCONN),
	SO("so-broadcast broadcast", "allow broadcast addresses", SO_BROADCAST),
	SO_AT("so-reuseaddr reuseaddr", "bind although old connections use the port",
	      PHASE_PREBIND, int_or_empty, int_or_empty, SO_REUSEADDR),
	SO_AT("so-reuseport reuseport", "share the port with other sockets", PHASE_PREBIND, int,
	      int, SO_REUSEPORT),
	SO_AT("so-keepalive keepalive", "probe silent connections", PHASE_FD, int, int,
	      SO_KEEPALIVE),
	SO_AT("so-linger linger", "wait so many seconds for data to leave on close",
	      PHASE_PASTSOCKET, linger, linger, SO_LINGER),
	SO("so-oobinline oobinline", "keep urgent data in the stream", SO_OOBINLINE),
	SO("so-sndbuf sndbuf", "set the send buffer, in bytes", SO_SNDBUF),
	SO_AT("so-sndbuf-late sndbuf-late", "set the send buffer once connected", PHASE_LATE, int,
	      int, SO_SNDBUF),
	SO("so-rcvbuf rcvbuf", "set the receive buffer, in bytes", SO_RCVBUF),
	SO_AT("so-rcvbuf-late rcvbuf-late", "set the receive buffer once connected", PHASE_LATE,
	      int, int, SO_RCVBUF),
	SO("so-error error", "read-only: setting it fails", SO_ERROR),
	TAKEN("so-type socktype type", "use this socket type", PHASE_SOCKET, int, int, type),
	TAKEN("so-protocol so-prototype protocol prototype", "use this protocol number",
	      PHASE_SOCKET, int, int, protocol),
	TAKEN("protocol-family pf", "use this protocol family: ip4, ip6 or a number",
	      PHASE_PRESOCKET, string, text, family),
	SO("so-dontroute dontroute", "reach only directly connected hosts", SO_DONTROUTE),
	SO("so-rcvlowat rcvlowat", "bytes that make the socket readable", SO_RCVLOWAT),
	SO("so-sndlowat sndlowat", "read-only in Linux: setting it fails", SO_SNDLOWAT),
	SO_AT("so-rcvtimeo rcvtimeo", "seconds a blocking receive may take", PHASE_PASTSOCKET,
	      timeval, timeval, SO_RCVTIMEO),
	SO_AT("so-sndtimeo sndtimeo", "seconds a blocking send may take", PHASE_PASTSOCKET, timeval,
	      timeval, SO_SNDTIMEO),
	SO("so-attach-filter attach-filter attachfilter",
	   "expects a program: setting a number fails", SO_ATTACH_FILTER),
	SO("so-detach-filter detach-filter detachfilter", "remove the socket's filter",
	   SO_DETACH_FILTER),
	SO_AT("so-bindtodevice bindtodevice interface if", "use only this network interface",
	      PHASE_PASTSOCKET, string, string, SO_BINDTODEVICE),
	SO("so-bsdcompat bsdcompat", "without effect in Linux since 2.4", SO_BSDCOMPAT),
	SO("so-timestamp timestamp", "have packets carry the time of arrival", SO_TIMESTAMP),
	SO("so-no-check no-check nocheck", "send UDP without checksum", SO_NO_CHECK),
	SO("so-passcred passcred", "have packets carry the sender's credentials", SO_PASSCRED),
	SO("so-peercred peercred", "read-only: setting it fails", SO_PEERCRED),
	SO("so-priority priority", "set the queueing priority", SO_PRIORITY),
	SO("so-security-authentication security-authentication securityauthentication",
	   "not implemented by Linux: setting it fails", SO_SECURITY_AUTHENTICATION),
	SO("so-security-encryption-network security-encryption-network securityencryptionnetwork",
	   "not implemented by Linux: setting it fails", SO_SECURITY_ENCRYPTION_NETWORK),
	SO("so-security-encryption-transport security-encryption-transport "
	   "securityencryptiontransport",
	   "not implemented by Linux: setting it fails", SO_SECURITY_ENCRYPTION_TRANSPORT),
	{ "fiosetown", "process that gets SIGIO and SIGURG", GROUP_SOCKET, PHASE_PASTSOCKET,
	  SCOPE_FD, &value_int, set_owner, { .level = FIOSETOWN } },
	{ "siocspgrp", "process or group that gets SIGIO and SIGURG", GROUP_SOCKET,
	  PHASE_PASTSOCKET, SCOPE_FD, &value_int, set_owner, { .level = SIOCSPGRP } },
	TAKEN("bind", "use this local address", PHASE_BIND, string, text, bind),
	STORE("connect-timeout", "seconds a connection attempt may take", PHASE_PASTSOCKET, timeval,
	      time, connect_timeout),
	USER("setsockopt sockopt", "set level:option:data once connected", PHASE_CONNECTED,
	     int_int_binary),
	USER("setsockopt-int sockopt-int", "set level:option:number once connected",
	     PHASE_CONNECTED, int_int_int),
	USER("setsockopt-bin sockopt-bin", "set level:option:data once connected", PHASE_CONNECTED,
	     int_int_binary),
	USER("setsockopt-string sockopt-string", "set level:option:text once connected",
	     PHASE_CONNECTED, int_int_string),
	USER("setsockopt-listen sockopt-listen", "set level:option:data before bind", PHASE_PREBIND,
	     int_int_binary),
	USER("setsockopt-socket sockopt-sock", "set level:option:data on the new socket",
	     PHASE_PASTSOCKET, int_int_binary),
	USER("setsockopt-connected sockopt-conn", "set level:option:data once connected",
	     PHASE_CONNECTED, int_int_binary),
};

const struct opt_table socket_options = { options, ARRAY_SIZE(options) };
