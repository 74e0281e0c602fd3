# SPDX-License-Identifier: MIT
"""The rows of test_walk_options.py: how the effect of each option is seen."""

import os
import socket
import struct

SOL, TCP, IP, IP6 = socket.SOL_SOCKET, socket.IPPROTO_TCP, socket.IPPROTO_IP, socket.IPPROTO_IPV6
UDPLITE = 136

# The addresses that rows name.
KINDS = {
    "udp4": "UDP4-DATAGRAM:127.0.0.1:9", "udp6": "UDP6-DATAGRAM:[::1]:9",
    "tcp4": "TCP4:127.0.0.1:{port}", "listen": "TCP4-LISTEN:0", "listen6": "TCP6-LISTEN:0",
    "raw4": "IP4-DATAGRAM:127.0.0.1:253", "raw6": "IP6-DATAGRAM:[::1]:253",
    "lite": "UDPLITE4-DATAGRAM:127.0.0.1:9", "pair": "SOCKETPAIR",
    "abstract": "ABSTRACT-LISTEN:sockbox-{pid}", "file": "OPEN:{file}", "pipe": "PIPE",
    "tty": "OPEN:{tty}",
}


def seconds(whole, micro=0):
    return struct.pack("qq", whole, micro)


# Options that getsockopt(2) shows: text, kind, level, name, number or bytes.
SOCKET = [
    ("so-debug", "udp4", SOL, 1, 1), ("so-broadcast", "udp4", SOL, 6, 1),
    ("so-reuseaddr", "udp4", SOL, 2, 1), ("so-reuseaddr=0", "listen", SOL, 2, 0),
    ("so-reuseaddr=", "listen", SOL, 2, 0), ("so-reuseport", "udp4", SOL, 15, 1),
    ("so-keepalive", "tcp4", SOL, 9, 1), ("so-linger=9", "tcp4", SOL, 13, struct.pack("ii", 1, 9)),
    ("so-oobinline", "tcp4", SOL, 10, 1), ("so-dontroute", "udp4", SOL, 5, 1),
    ("so-sndbuf=20000", "udp4", SOL, 7, 40000), ("so-sndbuf-late=24000", "udp4", SOL, 7, 48000),
    ("so-rcvbuf=20000", "udp4", SOL, 8, 40000), ("so-rcvbuf-late=24000", "udp4", SOL, 8, 48000),
    ("so-rcvlowat=7", "tcp4", SOL, 18, 7), ("so-rcvtimeo=1.5", "udp4", SOL, 20, seconds(1, 500000)),
    ("so-sndtimeo=2", "udp4", SOL, 21, seconds(2)), ("so-bindtodevice=lo", "udp4", SOL, 25, b"lo\0"),
    ("so-no-check", "udp4", SOL, 11, 1), ("so-passcred", "pair", SOL, 16, 1),
    ("so-priority=5", "udp4", SOL, 12, 5), ("so-timestamp", "udp4", SOL, 29, 1),
    ("so-type=1", "pair", SOL, 3, socket.SOCK_STREAM), ("so-type=5", "pair", SOL, 3, 5),
    ("so-protocol=136", "udp4", SOL, 38, UDPLITE),
    ("setsockopt=1:9:i1", "tcp4", SOL, 9, 1), ("setsockopt-bin=1:9:x01000000", "tcp4", SOL, 9, 1),
    ("setsockopt-int=1:9:1", "tcp4", SOL, 9, 1), ("setsockopt-connected=1:9:i1", "tcp4", SOL, 9, 1),
    ("setsockopt-string=6:13:reno", "tcp4", TCP, 13, b"reno\0"),
    ("setsockopt-listen=1:9:i1", "listen", SOL, 9, 1),
    ("setsockopt-socket=1:9:i1", "listen", SOL, 9, 1),

    ("ip-options=x01000000", "udp4", IP, 4, b"\1\0\0\0"),
    ("ip-options=x01010101,ip-options=x01010100", "udp4", IP, 4, b"\1" * 7 + b"\0"),
    ("ip-pktinfo", "udp4", IP, 8, 1), ("ip-recvtos", "udp4", IP, 13, 1),
    ("ip-recvttl", "udp4", IP, 12, 1), ("ip-recvopts", "udp4", IP, 6, 1),
    ("ip-retopts", "udp4", IP, 7, 1), ("ip-tos=16", "udp4", IP, 1, 16),
    ("ip-ttl=7", "udp4", IP, 2, 7), ("ip-hdrincl", "raw4", IP, 3, 1),
    ("ip-recverr", "udp4", IP, 11, 1), ("ip-mtu-discover=2", "udp4", IP, 10, 2),
    ("ip-transparent", "udp4", IP, 19, 1), ("ip-freebind", "udp4", IP, 15, 1),
    ("ip-multicast-ttl=5", "udp4", IP, 33, 5), ("ip-multicast-loop=0", "udp4", IP, 34, 0),
    ("ip-multicast-if=127.0.0.1", "udp4", IP, 32, socket.inet_aton("127.0.0.1")),

    ("ipv6-v6only", "udp6", IP6, 26, 1), ("ipv6-v6only=0", "listen6", IP6, 26, 0),
    ("ipv6-unicast-hops=7", "udp6", IP6, 16, 7), ("ipv6-tclass=170", "udp6", IP6, 67, 170),
    ("ipv6-mtu-discover=2", "udp6", IP6, 23, 2), ("ipv6-multicast-loop=0", "udp6", IP6, 19, 0),
    ("ipv6-recvpktinfo", "udp6", IP6, 49, 1), ("ipv6-recvhoplimit", "udp6", IP6, 51, 1),
    ("ipv6-recvtclass", "udp6", IP6, 66, 1), ("ipv6-recverr", "udp6", IP6, 25, 1),
    ("ipv6-recvpathmtu", "udp6", IP6, 60, 1), ("ipv6-recvrthdr", "udp6", IP6, 56, 1),
    ("ipv6-recvhopopts", "udp6", IP6, 53, 1), ("ipv6-recvdstopts", "udp6", IP6, 58, 1),

    ("tcp-nodelay", "tcp4", TCP, 1, 1), ("tcp-cork", "tcp4", TCP, 3, 1),
    ("tcp-maxseg=1000", "listen", TCP, 2, 1000), ("tcp-keepidle=77", "tcp4", TCP, 4, 77),
    ("tcp-keepintvl=33", "tcp4", TCP, 5, 33), ("tcp-keepcnt=4", "tcp4", TCP, 6, 4),
    ("tcp-syncnt=3", "tcp4", TCP, 7, 3), ("tcp-linger2=20", "tcp4", TCP, 8, 20),
    ("tcp-defer-accept=3", "listen", TCP, 9, 3), ("tcp-window-clamp=30000", "tcp4", TCP, 10, 30000),

    ("udplite-send-cscov=8", "lite", UDPLITE, 10, 8),
    ("udplite-recv-cscov=9", "lite", UDPLITE, 11, 9),
]

# What the kernel has no use for, whatever the value: one error that names the option.
REFUSED = [
    ("so-acceptconn=1", "tcp4"), ("so-error=1", "tcp4"), ("so-sndlowat=3", "tcp4"),
    ("so-peercred=1", "tcp4"), ("so-attach-filter=1", "udp4"), ("so-detach-filter=1", "udp4"),
    ("so-security-authentication=1", "udp4"), ("so-security-encryption-network=1", "udp4"),
    ("so-security-encryption-transport=1", "udp4"), ("tcp-info=1", "tcp4"),
    ("tcp-md5sig=1", "tcp4"), ("tcp-maxseg-late=1", "tcp4"), ("ip-mtu=100", "udp4"),
    ("ip-pktoptions=1", "udp4"), ("ip-router-alert=1", "udp4"), ("ipv6-authhdr=1", "udp6"),
    ("ipv6-pktinfo=1", "udp6"), ("ipv6-rthdr=1", "udp6"), ("ipv6-dstopts=1", "udp6"),
    ("ipv6-hopopts=1", "udp6"), ("ipv6-hoplimit=1", "udp6"), ("protocol-family=2", "pair"),
]

# Flags of the open file, as /proc/PID/fdinfo shows them.
FLAGS = [
    ("append", "file", os.O_APPEND), ("async", "file", os.O_ASYNC),
    ("o-nonblock", "file", os.O_NONBLOCK), ("o-noatime", "file", os.O_NOATIME),
    ("o-sync", "file", os.O_SYNC), ("o-dsync", "file", os.O_DSYNC), ("o-rsync", "file", os.O_RSYNC),
    ("o-direct", "file", os.O_DIRECT), ("o-nofollow", "file", os.O_NOFOLLOW),
    ("o-rdonly", "file", os.O_RDONLY), ("o-wronly", "file", os.O_WRONLY),
    ("o-rdwr", "file", os.O_RDWR), ("cloexec", "file", os.O_CLOEXEC),
    ("cloexec=0", "file", 0), ("o-nonblock", "udp4", os.O_NONBLOCK),
    ("ioctl-intp=0x5421:1", "udp4", os.O_NONBLOCK),  # FIONBIO
]

# Locks, as /proc/locks shows them.
LOCKS = [(f"f-setlk{wait}-{how}", "POSIX", kind)
         for wait in ("", "w") for how, kind in [("rd", "READ"), ("wr", "WRITE")]]
LOCKS += [(f"flock-{how}{wait}", "FLOCK", kind)
          for wait in ("", "-nb") for how, kind in [("sh", "READ"), ("ex", "WRITE")]]

# The offset and the length of a file of ten bytes.
PLACES = [
    ("lseek32-set=3", 3, 10), ("lseek64-set=4", 4, 10), ("lseek32-end=-2", 8, 10),
    ("lseek64-end=-3", 7, 10), ("lseek32-cur=5", 5, 10),
    ("lseek64-set=2,lseek64-cur=5", 7, 10), ("ftruncate32=6", 0, 6), ("ftruncate64=0x14", 0, 20),
    ("o-trunc", 0, 0), ("o-largefile", 0, 10), ("o-creat", 0, 10),
]

# Owner, group or mode of the entry.
ENTRIES = [
    ("user=1234", "st_uid", 1234), ("user-early=1234", "st_uid", 1234),
    ("user-late=1234", "st_uid", 1234), ("group=1234", "st_gid", 1234),
    ("group-early=1234", "st_gid", 1234), ("group-late=1234", "st_gid", 1234),
    ("perm=641", "st_mode", 0o100641), ("perm-early=642", "st_mode", 0o100642),
    ("perm-late=643", "st_mode", 0o100643),
]

# Effects that are a behaviour: the test that shows each, which names it.
SHOWN = {
    "test_socat_flow.py": """cool-write end-close escape ignoreeof null-eof readbytes shut-close
        shut-down shut-none shut-null""",
    "test_lessons_data.py": "cr crnl",
    "test_socat_files.py": "chdir umask unlink-late o-excl o-directory f-setpipe-sz",
    "test_lessons_options.py": "unlink",
    "test_lessons_process.py": "setgid-early setuid setuid-early substuser-early",
    "test_lessons_files.py": "unlink-close unlink-early unix-bind-tempname",
    "test_socat_surroundings.py": """chroot chroot-early netns substuser substuser-delayed
        fs-append fs-compr fs-dirsync fs-immutable fs-journal-data fs-noatime fs-nodump fs-notail
        fs-secrm fs-sync fs-topdir fs-unrm""",
    "test_socat_programs.py": """dash fdin fdout nofork path pipes setgid setpgid setsid shell
        stderr""",
    "test_socat_pty.py": "openpty ptmx pty pty-interval pty-wait-slave sitout-eio symbolic-link",
    "test_socat_locks.py": "lockfile waitlock",
    "test_socat_life.py": "fork max-children isolate",
    "test_relay_signals.py": "workers",
    "test_socat_socket_options.py": """accept-timeout backlog bind connect-timeout forever interval
        lowport range retry sourceport""",
    "test_socat_network.py": "protocol-family",
    "test_socat_log.py": "sighup sigint sigquit",
    "test_socat_environment.py": "children-shutup",
    "test_socat_tcpwrap.py": """tcpwrap-etc tcpwrap-hosts-allow-table tcpwrap-hosts-deny-table
        tcpwrappers""",
    "test_socat_multicast.py": """ip-add-membership ip-add-source-membership ipv6-join-group
        ipv6-join-source-group""",
    "test_socat_resolver.py": """ai-addrconfig ai-all ai-passive ai-v4mapped res-debug res-defnames
        res-dnsrch res-igntc res-nsaddr res-recurse res-retrans res-retry res-stayopen
        res-usevc""",
    "test_socat_interface.py": """iff-allmulti iff-automedia iff-broadcast iff-debug iff-loopback
        iff-master iff-multicast iff-no-pi iff-noarp iff-notrailers iff-pointopoint iff-portsel
        iff-promisc iff-running iff-slave iff-up interface-mtu retrieve-vlan tun-device tun-name
        tun-type""",
    "test_socat_families.py": "dccp-set-ccid sctp-maxseg sctp-maxseg-late sctp-nodelay",
    "test_socat_transport.py": "handshake-timeout via",
    "test_walk_options.py": """fiosetown siocspgrp ioctl-void ioctl-int ioctl-bin ioctl-string
        o-noctty so-bsdcompat tcp-quickack unix-tightsocklen""",
}
