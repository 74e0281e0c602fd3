/* SPDX-License-Identifier: MIT */
/* The tutorial, command by command.  Ports, paths and hosts stand here as in
 * the tutorial; tour_place.c replaces those that are taken. */
/* lint: flat table */

#include "tool/tour.h"

static const struct tour_step tools_steps[] = {
	{
		.command = "command -v socat ss nc",
		.see = "all three are links to sockbox, first in PATH",
		.shows = { "^/.*/sockbox-tour\\..*/socat$", "^/.*/sockbox-tour\\..*/ss$",
			   "^/.*/sockbox-tour\\..*/nc$" },
	},
};

static const struct tour_step tcp_steps[] = {
	{
		.command = "socat TCP4-LISTEN:8080,fork /dev/null &",
		.see = "the job and process number of a listener on all IPv4 interfaces",
		.listens = "tcp 8080",
	},
	{
		.command = "socat TCP6-LISTEN:8080,ipv6only=1,fork /dev/null &",
		.see = "the same port again, for IPv6 only",
		.listens = "tcp6 8080",
	},
	{
		.command = "ss -tln",
		.see = "LISTEN on 0.0.0.0:8080 and on [::]:8080, both with a queue of 5",
		.shows = { "^LISTEN +0 +5 +0\\.0\\.0\\.0:8080 +0\\.0\\.0\\.0:\\*",
			   "^LISTEN +0 +5 +\\[::\\]:8080 +\\[::\\]:\\*" },
	},
	{
		.command = "ss -4 -tln",
		.see = "only the IPv4 listener",
		.shows = { "^LISTEN +0 +5 +0\\.0\\.0\\.0:8080 " },
		.hides = "\\[::",
	},
	{
		.command = "nc -4 -vz 127.0.0.1 8080",
		.see = "the connection over IPv4 loopback succeeded, no data was sent",
		.shows = { "^Connection to 127.0.0.1 8080 port \\[tcp/http-alt\\] succeeded!$" },
	},
	{
		.command = "nc -4 -vz 10.0.100.52 8080",
		.see = "so it does with an address of this system",
		.shows = { "^Connection to 10.0.100.52 8080 port \\[tcp/http-alt\\] succeeded!$" },
	},
	{
		.command = "nc -6 -vz ::1 8080",
		.see = "so it does over IPv6 loopback",
		.shows = { "^Connection to ::1 8080 port \\[tcp/http-alt\\] succeeded!$" },
	},
	{
		.command = "jobs",
		.see = "both listeners are running",
		.shows = { "^\\[1\\].*Running +socat TCP4-LISTEN:8080,fork /dev/null",
			   "^\\[2\\].*Running +socat TCP6-LISTEN:8080,ipv6only=1,fork /dev/null" },
	},
	{
		.command = "fg %2",
		.see = "the IPv6 listener comes to the foreground; Ctrl-C ends it",
		.shows = { "^socat TCP6-LISTEN:8080,ipv6only=1,fork /dev/null" },
		.end = TOUR_INTERRUPT,
		.status = 130,
	},
	{
		.command = "fg %1",
		.see = "the same for the IPv4 listener",
		.shows = { "^socat TCP4-LISTEN:8080,fork /dev/null" },
		.end = TOUR_INTERRUPT,
		.status = 130,
	},
	{
		.command = "jobs",
		.see = "nothing: no job is left",
		.hides = "^\\[[0-9]",
	},
};

static const struct tour_step udp_steps[] = {
	{
		.command = "socat UDP4-LISTEN:123,fork /dev/null &",
		.see = "a UDP socket on the port of NTP; ports below 1024 need privilege",
		.listens = "udp 123",
	},
	{
		.command = "socat UDP6-LISTEN:123,ipv6only=1,fork /dev/null &",
		.see = "the same port again, for IPv6 only",
		.listens = "udp6 123",
	},
	{
		.command = "ss -uln |grep 123",
		.see = "UNCONN on 0.0.0.0:123 and on [::]:123: UDP has no LISTEN",
		.shows = { "^UNCONN +0 +0 +0\\.0\\.0\\.0:123 +0\\.0\\.0\\.0:\\*",
			   "^UNCONN +0 +0 +\\[::\\]:123 +\\[::\\]:\\*" },
	},
	{
		.command = "nc -4 -u -vz 127.0.0.1 123",
		.see = "nothing refused the datagrams: that is all UDP can tell",
		.shows = { "^Connection to 127\\.0\\.0\\.1 123 port \\[udp/ntp\\] succeeded!$" },
	},
	{
		.command = "jobs",
		.see = "both listeners are running",
		.shows = { "^\\[1\\].*Running +socat UDP4-LISTEN:123,fork /dev/null",
			   "^\\[2\\].*Running +socat UDP6-LISTEN:123,ipv6only=1,fork /dev/null" },
	},
	{
		.command = "fg %2",
		.see = "the IPv6 listener comes to the foreground; Ctrl-C ends it",
		.shows = { "^socat UDP6-LISTEN:123,ipv6only=1,fork /dev/null" },
		.end = TOUR_INTERRUPT,
		.status = 130,
	},
	{
		.command = "fg %1",
		.see = "the same for the IPv4 listener",
		.shows = { "^socat UDP4-LISTEN:123,fork /dev/null" },
		.end = TOUR_INTERRUPT,
		.status = 130,
	},
	{
		.command = "jobs",
		.see = "nothing: no job is left",
		.hides = "^\\[[0-9]",
	},
};

static const struct tour_step unix_steps[] = {
	{
		.command = "socat UNIX-LISTEN:/tmp/stream.sock,fork /dev/null &",
		.see = "a stream socket whose address is a file",
		.listens = "unix /tmp/stream.sock",
	},
	{
		.command = "socat UNIX-RECVFROM:/tmp/datagram.sock,fork /dev/null &",
		.see = "a datagram socket, likewise",
		.listens = "unix /tmp/datagram.sock",
	},
	{
		.command = "ss -xln",
		.see = "u_str LISTEN for the stream socket, u_dgr UNCONN for the datagram socket",
		.shows = { "^u_str +LISTEN +0 +5 +/tmp/stream\\.sock +[0-9]+ +\\* +0",
			   "^u_dgr +UNCONN +0 +0 +/tmp/datagram\\.sock +[0-9]+ +\\* +0" },
	},
	{
		.command = "ls /tmp",
		.see = "both socket files",
		.shows = { "stream\\.sock", "datagram\\.sock" },
	},
	{
		.command = "stat /tmp/stream.sock /tmp/datagram.sock",
		.see = "the file type \"socket\" and the permissions, which say who may connect",
		.shows = { "File: /tmp/stream\\.sock", "File: /tmp/datagram\\.sock",
			   "Size: 0 .* socket\n.*\nAccess: \\(0[0-7]{3}/s" },
	},
	{
		.command = "file /tmp/stream.sock /tmp/datagram.sock",
		.see = "two sockets; only ss can tell stream from datagram",
		.shows = { "^/tmp/stream\\.sock: +socket$", "^/tmp/datagram\\.sock: +socket$" },
		.needs = "file",
	},
	{
		.command = "nc -U -z /tmp/stream.sock",
		.see = "nothing, and exit status 0: the connection succeeded",
		.hides = ".",
	},
	{
		.command = "nc -uU -z /tmp/datagram.sock",
		.see = "nothing, and exit status 0: the datagram socket is there",
		.hides = ".",
	},
	{
		.command = "jobs",
		.see = "both listeners are running",
		.shows = { "^\\[1\\].*Running +socat UNIX-LISTEN:/tmp/stream.sock,fork /dev/null",
			   "^\\[2\\].*Running +socat UNIX-RECVFROM:/tmp/datagram.sock,fork " },
	},
	{
		.command = "fg %2",
		.see = "the datagram socket's process comes to the foreground; Ctrl-C ends it",
		.shows = { "^socat UNIX-RECVFROM:/tmp/datagram.sock,fork /dev/null" },
		.end = TOUR_INTERRUPT,
		.status = 130,
	},
	{
		.command = "fg %1",
		.see = "the same for the stream socket",
		.shows = { "^socat UNIX-LISTEN:/tmp/stream.sock,fork /dev/null" },
		.end = TOUR_INTERRUPT,
		.status = 130,
	},
	{
		.command = "jobs",
		.see = "nothing: no job is left",
		.hides = "^\\[[0-9]",
	},
	{
		.command = "ls /tmp/stream.sock /tmp/datagram.sock",
		.see = "the listeners have removed their socket files",
		.shows = { "cannot access '?/tmp/stream\\.sock'?: No such file or directory",
			   "cannot access '?/tmp/datagram\\.sock'?: No such file or directory" },
		.status = 2,
	},
};

static const struct tour_step fd_steps[] = {
	{
		.command = "ls /dev/tcp",
		.see = "there is no such file, and none is needed",
		.shows = { "cannot access '?/dev/tcp'?: No such file or directory" },
		.status = 2,
		.needs = "bash",
	},
	{
		.command = "exec 3<>/dev/tcp/google.com/80",
		.see = "nothing: bash has connected descriptor 3 to the server",
		.hides = ".",
		.needs = "bash",
	},
	{
		.command = "ls /dev/tcp",
		.see = "still no such file: bash itself knows the name",
		.shows = { "cannot access '?/dev/tcp'?: No such file or directory" },
		.status = 2,
		.needs = "bash",
	},
	{
		.command = "echo -e \"GET / HTTP/1.1\\n\\r\" >&3",
		.see = "nothing: the request has gone to the server",
		.hides = ".",
		.needs = "bash",
	},
	{
		.command = "cat <&3",
		.see = "the server's answer: a status line, headers, a page",
		.shows = { "^HTTP/1\\.[01] [1-5][0-9][0-9] ", "^Content-Type: text/html" },
		.end = TOUR_ANSWER,
		.needs = "bash",
	},
	{
		.command = "sockbox fd '3<>/dev/tcp/google.com/80' -- "
			   "sh -c 'printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'",
		.see = "the same for every shell and program, with sockbox fd",
		.shows = { "^HTTP/1\\.[01] [1-5][0-9][0-9] ", "^Content-Type: text/html" },
		.end = TOUR_ANSWER,
	},
};

#define SECTION(name_, title_, steps_)                                                             \
	{                                                                                          \
		.name = name_, .title = title_, .steps = steps_, .n_steps = ARRAY_SIZE(steps_)     \
	}

const struct tour_section tour_sections[] = {
	SECTION("tools", "The tools", tools_steps),
	SECTION("tcp", "TCP-based stream sockets", tcp_steps),
	SECTION("udp", "Datagram sockets", udp_steps),
	SECTION("unix", "UNIX domain sockets", unix_steps),
	SECTION("fd", "File descriptor 3", fd_steps),
};
const size_t tour_sections_count = ARRAY_SIZE(tour_sections);
