/* SPDX-License-Identifier: MIT */
#pragma once

/* What the options of one address say that is not a system call: filled in while
 * parsing, const from then on, shared by all sessions of the address. */

#include "addr/openssl_settings.h"
#include "addr/permit.h"
#include "base/base.h"
#include "net/resolver.h"

struct identity;

enum newline { NEWLINE_NONE, NEWLINE_CR, NEWLINE_CRNL };

struct settings {
	/* data flow */
	bool ignoreeof;
	int newline;		/* enum newline */
	int64_t readbytes;	/* end after so many bytes; 0: no limit */
	int escape;		/* this byte is the end; -1: none */
	const char *lockfile, *waitlock;

	/* surroundings while the address is opened */
	const char *chdir;
	int umask; /* -1: leave */
	const char *netns;

	struct identity *later_user; /* whom to become once open; owned, NULL: nobody */

	/* end of life */
	int shut;	/* enum stream_shut; 0: the address's own */
	bool end_close; /* only close(2), no shutdown, no SIGTERM */
	bool cool_write;
	bool null_eof;
	int unlink_close; /* -1: the address's own default */

	/* sessions */
	bool fork;
	bool isolate; /* each session has a process of its own */
	int workers;  /* processes that serve sessions; 0: one */
	int max_children; /* 0: any number */
	int children_shutup;
	bool forever;
	unsigned int retry;
	int64_t interval; /* microseconds */
	int backlog; /* of listen(2); 0: as the context says */
	int64_t accept_timeout; /* microseconds, 0: none */

	/* sockets */
	const char *bind;
	const char *family; /* protocol-family */
	int type, protocol; /* -1: the address's own */
	int64_t connect_timeout; /* microseconds, 0: the kernel's */
	bool loose_length; /* unix-tightsocklen=0 */
	const char *bind_tempname;
	int ai_on, ai_off; /* AI_ flags set and cleared */
	struct net_resolver resolver;

	/* addresses on top of others */
	const char *via; /* the address below, as given */
	int64_t handshake_timeout; /* microseconds, 0: none */

	/* proxies */
	const char *socks_port, *socks_user, *socks_password;
	const char *proxy_port, *proxy_login, *proxy_login_file, *http_version;
	bool proxy_resolve, ignore_cr;

	/* network interfaces */
	int iff_on, iff_off; /* IFF_ flags set and cleared */
	int interface_mtu;   /* -1: leave */
	const char *tun_device, *tun_name, *tun_type;
	bool tun_bare; /* no header before each packet */

	/* message queues */
	unsigned int queue_priority;
	bool queue_flush;
	int64_t queue_max_messages, queue_message_size; /* 0: as the system has it */

	/* READLINE */
	const char *prompt, *history, *noecho;
	bool noprompt;

	/* who may come */
	const char *range;	  /* as given; NULL: everybody */
	struct address_range allowed; /* what it means */
	const char *wrap_daemon; /* ask the tables of hosts_access(5) about it; NULL: no */
	const char *wrap_directory, *allow_table, *deny_table; /* NULL: those in /etc */
	int sourceport; /* -1: any */
	bool lowport;

	struct openssl_settings openssl;

	/* programs */
	int fdin, fdout; /* -1: 0 and 1 */
	bool pipes, nofork, stderr_too, login;
	const char *path, *shell;
	bool forward_hup, forward_int, forward_quit;

	/* pseudo terminals */
	bool pty, openpty, ptmx, wait_slave;
	const char *link;
	int64_t pty_interval, sitout_eio; /* microseconds */
};
