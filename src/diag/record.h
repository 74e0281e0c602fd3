/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One socket, whatever told us about it.
 *
 * All decoders fill this type, and filter/ and report/ see nothing else.  A
 * record is valid only during the call that hands it over: its byte ranges
 * point into the message or file it was read from.  Fields that a source may
 * leave out have a bit in `has`.
 */

#include "diag/table.h"

struct sock_bytes {
	const void *data;
	size_t len;
};

enum sock_field {
	HAS_DETAILS = 1 << 0, /* uid, inode, cookie and timer are known */
	HAS_PROTOCOL = 1 << 1,
	HAS_PEER = 1 << 2,
	HAS_UID = 1 << 3,
	HAS_SHUTDOWN = 1 << 4,
	HAS_MEMORY = 1 << 5,
	HAS_OLD_MEMORY = 1 << 6,
	HAS_CGROUP = 1 << 7,
	HAS_MARK = 1 << 8,
	HAS_V6ONLY = 1 << 9,
	HAS_TOS = 1 << 10,
	HAS_TCLASS = 1 << 11,
	HAS_CLASS_ID = 1 << 12,
	HAS_INFO = 1 << 13,
	HAS_VEGAS = 1 << 14,
	HAS_DCTCP = 1 << 15,
	HAS_BBR = 1 << 16,
	HAS_FILE = 1 << 17,
	HAS_FANOUT = 1 << 18,
};

enum sock_timer {
	TIMER_NONE,
	TIMER_RETRANSMIT,
	TIMER_KEEPALIVE,
	TIMER_TIME_WAIT,
	TIMER_PERSIST,
	TIMER_DELAYED_ACK,
};

struct sock_end {
	uint8_t address[16]; /* inet: 4 or 16 bytes, network order; vsock: cid, uint32_t */
	uint32_t port;	     /* inet: port or raw protocol; unix: inode of that end;
			      * netlink: port id */
};

/* Upper layer protocols of TCP: TLS in the kernel, and MPTCP. */
enum sock_ulp_field {
	ULP_TLS_VERSION = 1 << 0,
	ULP_TLS_CIPHER = 1 << 1,
	ULP_TLS_RECEIVE = 1 << 2,
	ULP_TLS_SEND = 1 << 3,
	ULP_TLS_ZERO_COPY = 1 << 4,
	ULP_TLS_NO_PAD = 1 << 5,
	ULP_REMOTE_TOKEN = 1 << 6,
	ULP_LOCAL_TOKEN = 1 << 7,
	ULP_REMOTE_ID = 1 << 8,
	ULP_LOCAL_ID = 1 << 9,
	ULP_SEQUENCE = 1 << 10,
	ULP_SUBFLOW_SEQUENCE = 1 << 11,
	ULP_OFFSET = 1 << 12,
	ULP_LENGTH = 1 << 13,
};

struct sock_ulp {
	struct sock_bytes nest; /* as it came; decoded into what follows */
	struct sock_bytes name; /* with or without a NUL; empty: there is none */
	uint32_t has;		/* enum sock_ulp_field */
	uint16_t tls_version, tls_cipher, tls_send, tls_receive;
	uint32_t flags, remote_token, local_token, subflow_sequence, offset;
	uint16_t length;
	uint8_t remote_id, local_id;
	uint64_t sequence;
};

/* The little that /proc says about a TCP connection. */
struct sock_proc_tcp {
	uint32_t rto_ms, ato_ms; /* 0: nothing to say */
	uint32_t quick_acks;	 /* odd: in both directions */
	uint32_t cwnd, ssthresh;
};

/* Packet sockets: structures of linux/packet_diag.h and linux/filter.h. */
struct sock_packet {
	struct sock_bytes info;
	struct sock_bytes receive_ring, send_ring;
	struct sock_bytes filter; /* struct sock_filter[] */
	uint32_t fanout;	  /* low half: id, high half: type */
};

/* Netlink sockets; their port ids are the ports of both ends. */
struct sock_netlink {
	struct sock_bytes groups; /* unsigned long[] */
	uint32_t group_mask;	  /* the first 32 of them */
	uint32_t peer_group;
	uint64_t callback; /* over /proc */
};

/* XDP sockets: structures of linux/xdp_diag.h. */
struct sock_xdp {
	struct sock_bytes info;
	struct sock_bytes receive_ring, send_ring, fill_ring, completion_ring;
	struct sock_bytes memory; /* the area that packets lie in */
	struct sock_bytes statistics;
};

/* TIPC sockets; nodes are the addresses of both ends, a uint32_t. */
struct sock_tipc {
	bool link_congested, connection_congested;
	bool published;
	bool by_name; /* connected to { name_type, name_instance } */
	uint32_t name_type, name_instance;
	uint32_t drops;
};

struct sock_record {
	/* Of all families. */
	enum diag_table table;
	uint32_t has;	  /* enum sock_field */
	uint8_t family;	  /* AF_ */
	uint8_t type;	  /* SOCK_STREAM, ...: unix, packet */
	uint8_t state;	  /* enum sock_state; sctp associations: their own */
	uint8_t shutdown; /* bit 0: receiving is shut, bit 1: sending */
	bool over_proc;	  /* read from a text file: fewer facts, other rules */
	bool recorded;	  /* read from a recorded dump */
	uint32_t receive_queue;
	uint32_t send_queue;
	uint32_t uid;
	uint32_t inode;	    /* 0: no process holds it */
	uint32_t interface; /* index of the device it is bound to, or 0 */
	uint64_t cookie;
	struct sock_end local, peer;
	struct sock_bytes memory; /* uint32_t[]: enum sock_memory */

	/* inet */
	uint8_t protocol; /* IPPROTO_ as reported */
	uint8_t timer;	  /* enum sock_timer, or what a newer kernel says */
	uint8_t retransmits;
	uint8_t v6only;
	uint8_t tos;
	uint8_t tclass;
	uint32_t timer_ms;
	uint32_t mark;
	uint32_t class_id;
	uint64_t cgroup;
	struct sock_bytes old_memory; /* uint32_t[4]: rmem, wmem, fmem, tmem */
	struct sock_bytes options;    /* two bytes of inet_diag_sockopt flags */
	struct sock_bytes info;	      /* struct kernel_tcp_info or sctp_info, any length */
	struct sock_bytes congestion; /* name of the congestion control */
	struct sock_bytes vegas, dctcp, bbr;
	struct sock_bytes md5_keys;	 /* struct kernel_md5_key[] */
	struct sock_bytes locals, peers; /* sctp: struct sockaddr_storage[] */
	struct sock_bytes storages;	 /* of BPF maps: storage_next() */
	struct sock_ulp ulp;
	struct sock_proc_tcp proc_tcp;
	struct sock_bytes rest; /* text that followed what is known, over /proc */

	/* unix */
	struct sock_bytes name;	   /* path, or a NUL and an abstract name */
	struct sock_bytes queues;  /* uint32_t[2]: receiving and sending */
	struct sock_bytes file;	   /* uint32_t[2]: inode and device of the path */
	struct sock_bytes waiting; /* uint32_t[]: inodes of connections not accepted yet */

	/* packet and netlink */
	uint16_t link_protocol; /* of Ethernet, or of netlink */
	struct sock_packet packet;
	struct sock_netlink netlink;

	struct sock_xdp xdp;
	struct sock_tipc tipc;
};

/* Places in `memory`; older kernels send fewer. */
enum sock_memory {
	MEMORY_RECEIVE,
	MEMORY_RECEIVE_MAX,
	MEMORY_SEND,
	MEMORY_SEND_MAX,
	MEMORY_FORWARD,
	MEMORY_QUEUED,
	MEMORY_OPTIONS,
	MEMORY_BACKLOG,
	MEMORY_DROPS,
	MEMORY_FIELDS,
};

/* The n-th number of a range of uint32_t; 0 past its end. */
uint32_t sock_bytes_u32(const struct sock_bytes *bytes, size_t n);

/* The number of 1, 2, 4 or 8 bytes at that place; what lies past the end counts as 0. */
uint64_t sock_bytes_number(const struct sock_bytes *bytes, size_t offset, size_t size);
