/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What an opened endpoint is.
 *
 * A stream is read, written, shut and freed; where its bytes go is told by its
 * ops.  Sequential code waits with stream_read_wait() and stream_write_all();
 * the pump polls rfd and wfd.  Both use the same functions, which never wait.
 *
 * How a stream is told that nothing more will come (shut) and what happens at
 * its end (end) are data, because options change them.
 */

#include "base/base.h"
#include "base/err.h"
#include "net/address.h"
#include "net/batch.h"
#include "net/frame.h"
#include "stream/belongings.h"

#include <poll.h>

/* What to do with the write side when the other stream has ended. */
enum stream_shut {
	SHUT_DEFAULT, /* not decided; the opener fills in one of the others */
	SHUT_NONE,    /* nothing */
	SHUT_CLOSE,   /* close the descriptor */
	SHUT_DOWN,    /* shutdown(fd, SHUT_WR) */
	SHUT_NULL,    /* send an empty packet */
	SHUT_OWN,     /* what its ops do: the closing message of a layer */
};

/* What to do with the descriptors at the very end. */
enum stream_end {
	END_KEEP,     /* they are not ours: stdio, inherited descriptors */
	END_CLOSE,    /* close(2) */
	END_SHUTDOWN, /* shutdown(fd, SHUT_RDWR), then close(2) */
};

struct stream;

struct stream_ops {
	/* Bytes read; 0: the end; -EAGAIN: nothing now, the kernel tells when; else
	 * -errno. */
	ssize_t (*read)(struct stream *s, void *buf, size_t len);
	/* Bytes written; -EAGAIN: not now, and the same bytes are to come again;
	 * else -errno. */
	ssize_t (*write)(struct stream *s, const void *buf, size_t len);
	/* SHUT_OWN: 0; -EAGAIN: not now; else -errno. */
	int (*shut)(struct stream *s);
	/* May there be something to read that poll(2) does not know of?  NULL: no. */
	bool (*pending)(const struct stream *s);
	/* Ends what belongs to the ops, before the descriptors; NULL: nothing does.
	 * With SHUT_OWN and not yet shut, it also tells the peer. */
	void (*done)(struct stream *s);
	/* UDP: many packets at a time; NULL: this stream does not.  0 or -errno. */
	int (*receive)(struct stream *s, struct net_batch *batch, size_t most);
	int (*send)(struct stream *s, struct net_batch *batch, bool *runs);
	bool names_peer; /* it writes with sendto(2) */
};

/* Packets on a socket that hears more than one peer. */
struct datagrams {
	struct net_address peer; /* whom to send to, whom to hear */
	bool peer_only;		 /* drop packets of others */
	int64_t rewrite_at;	 /* stream_rewrite_at() */
	frame_header *header;	 /* what is no data; NULL: nothing */
	bool (*permits)(const struct stream *s,
			const struct net_address *from); /* packets of others; NULL: all */
	const void *permits_context;			 /* for it */
	void *lender; /* the descriptor is his: RECVFROM; NULL: ours */
	void (*give_back)(void *lender);
};

/* The master of a pseudo terminal. */
struct master {
	int slave;	       /* kept open: no end; -1: it is not */
	int64_t hang_up_limit; /* microseconds of hang-up that are no end yet */
	int64_t hung_up_at;    /* since when nobody has the slave open; 0: somebody has */
};

/* What one session keeps while it is open, ten thousand times: what most streams do
 * not need is behind pointers. */
struct stream {
	const struct stream_ops *ops;
	void *state;		/* what belongs to the ops */
	struct stream *below;	/* of a layer: where its bytes go; owned */
	bool read_wants_write;	/* after -EAGAIN of a layer: wait for writing instead */
	bool write_wants_read;	/* likewise */
	struct turn *reader;	/* whom to wake when something is put back; NULL: nobody */
	int rfd, wfd; /* may be the same; -1: this direction does not exist */
	uint8_t shut; /* enum stream_shut */
	uint8_t end;  /* enum stream_end */
	pid_t program;		/* SIGTERM at the end; 0: none */
	pid_t program_owner;	/* the process that started it */
	bool keep_program;	/* end-close: let it live */
	bool wait_program;	/* written only: at the end, wait for it */
	bool cool_write;	/* EPIPE and ECONNRESET on write are a normal end */
	bool null_eof;		/* an empty packet is the end */
	bool packets;		/* boundaries count: one read, one write */
	bool nonblocking;	/* O_NONBLOCK is our doing, nobody asked for it */
	bool reads_all;		/* TCP: a short read leaves nothing behind */
	bool hurries;		/* TCP: a relay waits for no acknowledgement (Nagle) */
	bool write_shut;	/* stream_shut() was done */
	struct owned_path path; /* removed at the end */
	struct owned_path lock; /* likewise */
	struct saved_terminal *terminals;     /* NULL: nothing to be put back */
	struct saved_interface *interface;    /* likewise */
	struct unread *unread;	/* bytes put back by stream_unread(), or NULL */
	struct datagrams *datagrams; /* of packets with senders, else NULL */
	bool one_packet;	/* the end after what was put back (RECVFROM) */
	struct stream *reading, *writing; /* halves of a joined stream (join.c) */
	struct master *master;	/* of a pseudo terminal, else NULL */
	int64_t reread_at;	/* after -EAGAIN: poll(2) knows nothing before; 0: it does */
};

#define auto_stream __attribute__((__cleanup__(stream_free_pointer))) struct stream *

/* Descriptors that are read and written with read(2) and write(2), or, for
 * sockets, recv(2) and send(2).  Takes the descriptors over. */
struct stream *stream_new(int rfd, int wfd, enum stream_end end);

/* The same for a socket, which need not be looked at. */
struct stream *stream_new_socket(int rfd, int wfd, enum stream_end end);

/* Packets on an unconnected, non-blocking socket: read with recvfrom(2), written
 * with sendto(2) to s->peer. */
struct stream *stream_new_packets(int fd, const struct net_address *peer);

/* For a datagram socket that heard everybody before it was connected: what others
 * sent until then is still queued, and is dropped. */
void stream_hear_only(struct stream *s, const struct net_address *peer);

/* Frames of a network interface, on a packet socket bound to it (packet(7)); our
 * own are not read. */
struct stream *stream_new_frames(int rfd, int wfd);

/* A POSIX message queue (mq_overview(7)), opened with O_NONBLOCK: one message is one
 * block; empty messages are left out. */
struct stream *stream_new_queue(int rfd, int wfd, size_t message_size, unsigned int priority);

/* The master of a pseudo terminal, non-blocking; takes over the slave too, which it
 * keeps open until the end (-1: the slave's last close is the end). */
struct stream *stream_new_master(int rfd, int wfd, int slave);

/* Reading goes to one stream, writing to the other; owns both. */
struct stream *stream_new_joined(struct stream *reading, struct stream *writing);

/* Ends the stream in the order classic has: terminal settings back, program
 * ended and forgotten (child.h), descriptors shut and closed, path removed.  NULL
 * is fine. */
struct stream *stream_free(struct stream *s);
void stream_free_pointer(struct stream **s);

/* In a forked child: from now on ending this stream only closes descriptors;
 * the connection, the program and the files belong to the parent. */
void stream_disown(struct stream *s);

/* After a fork: what is to be put back, ended or removed at the end is that process's
 * business from now on. */
void stream_bequeath(struct stream *s, pid_t heir);

/* A program takes the descriptors over: it gets them blocking, unless somebody asked
 * for the opposite. */
void stream_hand_over(const struct stream *s);

/* As its ops say, and never wait.  What was put back is read first. */
ssize_t stream_read(struct stream *s, void *buf, size_t len);
ssize_t stream_write(struct stream *s, const void *buf, size_t len);

/* The same for batches of packets (net/batch.h), if both ends have them.  Packets are cut
 * at most bytes; ended of the batch is set when the end came after them.  0 or -errno. */
int stream_receive(struct stream *s, struct net_batch *batch, size_t most);
int stream_send(struct stream *s, struct net_batch *batch, bool *runs);

/* The transfer begins: small segments are sent at once from now on, if it hurries. */
void stream_hurry(const struct stream *s);

/* Only bytes, and only this descriptor's: others may read and write it for us. */
bool stream_is_plain(const struct stream *s);

/* Do boundaries count, of what is read or of what is written? */
bool stream_has_packets(const struct stream *s);

/* Is its descriptor one that many sessions write to, and nobody reads but the listener? */
bool stream_is_lent(const struct stream *s);

/* Does stream_shut() close a descriptor? */
bool stream_shut_closes(const struct stream *s);

/* The system call behind a write of so many bytes, for messages: "write(5, ..., 9)",
 * "sendto(5, ..., 9, 0, AF=1 "/path", 7)".  Returns text. */
enum { STREAM_CALL_TEXT = NET_ADDRESS_TEXT + 64 };
const char *stream_write_call(const struct stream *s, size_t len, char *text, size_t size);

/* What to wait for after -EAGAIN of a read or a write: mostly POLLIN on rfd and
 * POLLOUT on wfd, but a layer may have to write before it can read. */
struct pollfd stream_poll_read(const struct stream *s);
struct pollfd stream_poll_write(const struct stream *s);

/* After -EAGAIN of a write: poll(2) calls it writable all the same, and it is to be tried again
 * at this moment (clock.h); 0: the kernel tells. */
int64_t stream_rewrite_at(const struct stream *s);

/* Tells the peer that nothing more will come.  0; -EAGAIN: wait as for a write and
 * call again, or, with write_wants_read, be content: it is told and only its answer
 * awaited; else -errno. */
int stream_shut(struct stream *s);

/* Puts bytes back that were read too far; they come first in the next read. */
void stream_unread(struct stream *s, const void *data, size_t len);

/* Is there something to read without asking the kernel? */
bool stream_has_unread(const struct stream *s);

/* Who has a turn (loop.h) when there is something to read that the kernel does not tell, so
 * that it need not be asked for; NULL: nobody. */
void stream_set_reader(struct stream *s, struct turn *reader);
void stream_wake_reader(struct stream *s);

/* The same for sequential code: wait through task/.  stream_wait_read() after -EAGAIN
 * of a read: 0, -ETIMEDOUT, -ECANCELED. */
int stream_wait_read(const struct stream *s);
ssize_t stream_read_wait(struct stream *s, void *buf, size_t len);
int stream_write_all(struct stream *s, const void *buf, size_t len);
