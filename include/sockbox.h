/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libsockbox: socket addresses in socat's language, as a library.
 *
 *	parse	text to address, with the place of an error
 *	open	address to stream: connected, accepted, executed ...
 *	relay	two addresses, data both ways, until both ends
 *	query	the sockets of this host, one record each
 *
 * Functions return 0 or more on success and a negative errno on failure; the
 * sentence is in struct sockbox_error (which may be NULL).  Nothing is printed
 * and no signal is touched: a program that writes to pipes ignores SIGPIPE, or
 * dies of a reader that has gone.  The library opens and waits in the calling thread;
 * a stream belongs to the thread that uses it.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SOCKBOX_API __attribute__((__visibility__("default")))

struct sockbox_error {
	int code;	 /* negative errno */
	int column;	 /* 0-based place in the address text, or -1 */
	char text[1024]; /* the sentence, without a full stop */
};

/* Directions of a stream, seen from its user. */
enum sockbox_direction { SOCKBOX_READ = 1, SOCKBOX_WRITE = 2, SOCKBOX_BOTH = 3 };

struct sockbox_address;
struct sockbox_stream;

/* Parses and checks an address; opens nothing.  The caller frees it. */
SOCKBOX_API int sockbox_address_parse(const char *text, struct sockbox_address **ret_address,
				      struct sockbox_error *error);
SOCKBOX_API void sockbox_address_free(struct sockbox_address *address);

/* The canonical keyword: "TCP-CONNECT".  Belongs to the library. */
SOCKBOX_API const char *sockbox_address_type(const struct sockbox_address *address);

/* Opens an address: connects, or waits for one connection or packet, or starts a
 * program.  The options retry, interval, connect-timeout and accept-timeout hold;
 * fork is refused (-EINVAL).  The address may be freed at once. */
SOCKBOX_API int sockbox_open(const struct sockbox_address *address,
			     enum sockbox_direction direction, struct sockbox_stream **ret_stream,
			     struct sockbox_error *error);

/* Reads what there is, waiting for it: bytes, 0 at the end, or -errno. */
SOCKBOX_API ssize_t sockbox_read(struct sockbox_stream *stream, void *buffer, size_t size);

/* Writes everything, waiting for room: 0 or -errno. */
SOCKBOX_API int sockbox_write(struct sockbox_stream *stream, const void *data, size_t size);

/* Tells the peer that nothing more will come; reading goes on.  0 or -errno. */
SOCKBOX_API int sockbox_shutdown(struct sockbox_stream *stream);

/* The descriptor for one direction, for poll(2); -1 if there is none.  It stays
 * the stream's. */
SOCKBOX_API int sockbox_descriptor(const struct sockbox_stream *stream,
				   enum sockbox_direction direction);

/* Ends the stream as socat ends an address: program, connection, socket file. */
SOCKBOX_API void sockbox_close(struct sockbox_stream *stream);

struct sockbox_relay_options {
	size_t block_size;		/* bytes per read; 0: 8192 */
	int64_t closing_wait_us;	/* silence after the first end; <0: no limit */
	int64_t idle_limit_us;		/* silence at any time; <=0: no limit */
	enum sockbox_direction left;	/* what the left address is used for; 0: both */
};

/* Opens both addresses and moves data until both directions have ended.  NULL
 * options: wait for both ends without limit.  With fork it may return in several
 * processes, as socat does. */
SOCKBOX_API int sockbox_relay(const char *left, const char *right,
			      const struct sockbox_relay_options *options,
			      struct sockbox_error *error);

/* One socket of this host; texts belong to the library and end with the call. */
struct sockbox_socket {
	int family;		 /* AF_INET, AF_INET6, AF_UNIX */
	int type;		 /* SOCK_STREAM, ... (UNIX), else 0 */
	int protocol;		 /* IPPROTO_TCP, ... (IP), else 0 */
	int state;		 /* as the kernel numbers TCP states: 1 ESTABLISHED, 10 LISTEN */
	const char *local_host;	 /* numeric address, or the path of a UNIX socket */
	const char *remote_host;
	int local_port, remote_port; /* 0: none */
	uint32_t inode, uid;
	uint32_t receive_queue, send_queue;
};

enum sockbox_sockets {
	SOCKBOX_TCP = 1 << 0,
	SOCKBOX_UDP = 1 << 1,
	SOCKBOX_RAW = 1 << 2,
	SOCKBOX_UNIX = 1 << 3
};

/* Calls row for each socket of the wanted kinds (a sum of enum sockbox_sockets).
 * A negative return value of row ends the query and is returned. */
SOCKBOX_API int sockbox_query(unsigned int kinds,
			      int (*row)(void *context, const struct sockbox_socket *socket),
			      void *context, struct sockbox_error *error);

#ifdef __cplusplus
}
#endif
