/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The catalogue: what addresses there are and how each is opened.
 *
 * A family is one file with its address rows, its option rows and its open
 * functions; registry.c lists them all.  An open function is written in blocking
 * style against task/, makes one attempt, and knows nothing of retry, fork or
 * the other address: that is relay/'s.
 *
 *	connectors	open() gives a stream.
 *	listeners	listen() gives a struct listener; relay/ lets it accept
 *			arrivals, decides about each, forks if asked to, and has
 *			finish() make a stream of the one that stays.
 */

#include "addr/env.h"
#include "addr/settings.h"
#include "net/address.h"
#include "net/frame.h"
#include "opt/opt.h"
#include "spec/spec.h"
#include "stream/stream.h"

enum { ADDR_PARAMS_MAX = 4 };

enum addr_direction { DIR_READ = 1, DIR_WRITE = 2, DIR_BOTH = 3 };

struct opening;
struct listener;
struct udp_packet;

/* Data for rows that share functions. */
struct addr_args {
	int family, type, protocol; /* socket(2); family AF_UNSPEC: not decided */
	bool abstract;		    /* UNIX: the abstract name space */
	int fd;			    /* STDIN, STDOUT, STDERR */
};

struct addr_type {
	const char *names;  /* canonical name first, then its aliases */
	const char *params; /* as help shows them: ":<host>:<port>" */
	const char *help;   /* one sentence, imperative */
	opt_groups groups;
	enum addr_direction direction; /* what it can do; advisory as in classic */
	uint8_t min_params, max_params;
	int (*open)(struct opening *o, struct stream **ret);
	int (*listen)(struct opening *o, struct listener **ret);
	struct addr_args args;
	int (*load)(struct err *err); /* the library it needs; NULL: none */
};

/* What the program wants for all its addresses. */
struct addr_context {
	const char *program;	/* name in logs, "socat" */
	const char *env_prefix; /* "SOCAT_" */
	int prefer_family;	/* order of resolved addresses: AF_INET, AF_INET6, 0 */
	int listen_family;	/* wildcard listening: AF_INET, AF_INET6, 0 */
	size_t block_size;	/* of one read or write */
	int backlog;		/* of listeners that do not say it; 0: classic's 5 */
	bool sloppy;		/* -s: failing options are reported, not fatal */
	bool any_group;		/* -g: skip the check of option groups */
	bool experimental;	/* no warning about what may change */
};

/* What the openings of one address share and only one of them makes. */
struct addr_shared {
	void *made; /* NULL: nobody has made it */
	void (*free)(void *made);
};

/* One address, parsed and checked. */
struct address {
	const struct addr_type *type;
	const char *keyword; /* canonical name or as typed, for messages */
	const char *params[ADDR_PARAMS_MAX];
	size_t param_len[ADDR_PARAMS_MAX];
	size_t n_params;
	char *derived; /* memory behind params made from a bare path */
	struct opt_list options;
	struct settings settings;
	struct addr_shared *shared; /* the one thing here that changes */
	struct address_pair *via; /* what carries it (transport.h), owned; NULL: nothing else */
};

/* One or, for a!!b, two of them. */
struct address_pair {
	struct spec spec;
	struct address part[2];
	size_t n;
};

#define auto_address_pair __attribute__((__cleanup__(address_done))) struct address_pair

/* Text to addresses: syntax, keyword, parameters, options.  Nothing is opened.
 * 0 or negative with the place in err.  Free with address_done(). */
int address_parse(const char *text, const struct addr_context *context, struct address_pair *ret,
		  struct err *err);
void address_done(struct address_pair *pair);

/* One attempt to open one address. */
struct opening {
	const struct address *address;
	const struct addr_context *context;
	enum addr_direction wanted;
	struct env *env;	   /* the session's; NULL: nobody reads it */
	const struct stream *first; /* the address opened before, for nofork; or NULL */
	bool more_attempts;	   /* failures of parts are worth a notice only */
	bool unanswered;	   /* the attempt failed in connect(2) itself */
	bool replaced;		   /* nofork: a program took the session over ... */
	int replaced_status;	   /* ... and ended with this exit status */
	struct opt_used used;
	struct err *err;
};

/* Applies the options of a phase to a descriptor (-1: none) and path (NULL:
 * none).  Under -s failures are reported and forgotten. */
int opening_apply(struct opening *o, enum opt_phase phase, int fd, const char *path);
int opening_apply_both(struct opening *o, enum opt_phase phase, int rfd, int wfd);

/* The beginning of each opening, once for all tries: what is to be done to the
 * process (su-early, chroot-early). */
int opening_begin(struct opening *o);

/* Only the options of the phase that are about the entry in the file system; the second
 * for an entry that was just made, which by now may have been replaced by a link. */
int opening_apply_named(struct opening *o, enum opt_phase phase, const char *path);
int opening_apply_new(struct opening *o, enum opt_phase phase, const char *path);

/* Only the options of the phase that belong to one of these groups. */
int opening_apply_only(struct opening *o, enum opt_phase phase, opt_groups only, int fd,
		       const char *path);

/* An attempt failed, as o->err says, and others will be made: Warn, or Notice if all
 * will be tried again. */
void opening_complain(const struct opening *o);

/* Takes the option of that name; NULL if it was not given. */
const struct option *opening_take(struct opening *o, const char *name);

/* The end of each opening: late phases, settings of the stream, and the check
 * that every option had its turn. */
int opening_finish(struct opening *o, struct stream *s);

/* Network namespace, chdir and umask for the time of one opening. */
struct surroundings {
	int netns;	/* descriptor of the old namespace, -1: not changed */
	int cwd;	/* descriptor of the old directory, -1: not changed */
	int umask;	/* old one, -1: not changed */
};
int surroundings_enter(const struct settings *settings, struct surroundings *ret, struct err *err);
void surroundings_leave(struct surroundings *old);

/* Somebody came. */
struct arrival {
	int fd;			   /* the connection, or the socket to answer on */
	struct net_address peer, local;
	void *packet;		   /* RECVFROM: what was received */
	size_t packet_len;
	struct env env;		   /* variables that came with the packet */
	struct listener *from;	   /* where it arrived, if that lends or is a layer; kept */
	struct udp_peer *udp_peer; /* UDP-LISTEN: his place among others; owned */
	struct stream *carrier;	   /* what was opened for it (transport.h), owned */
};

#define auto_arrival __attribute__((__cleanup__(arrival_done))) struct arrival
void arrival_done(struct arrival *a); /* closes, only closes */

struct listener_ops {
	/* Waits for somebody who is permitted; sends others away.  0, -errno,
	 * -ETIMEDOUT at the deadline. */
	int (*accept)(struct listener *l, struct opening *o, struct arrival *ret);
	/* Makes a stream of an arrival and applies the options for it. */
	int (*finish)(struct opening *o, struct arrival *a, struct stream **ret);
};

struct listener {
	const struct listener_ops *ops;
	int fd;
	struct net_address local;
	unsigned int rush;  /* so many connections came without waiting for them */
	int64_t not_before; /* arrivals that we make ourselves: pause until then (clock.h) */
	frame_header *header; /* of packets: what is no data; NULL: nothing */
	const char *waiting; /* what it does, for the log: "listening on" */
	struct owned_path path;
	void *state;		    /* of its ops; NULL: none */
	void (*state_done)(void *state);
	/* Is a first packet worth a session (udp_listen.c)?  NULL: each is.  It may be answered. */
	bool (*is_worth)(struct listener *l, struct opening *o, const struct udp_packet *first);
	const struct address *judge; /* the address whose is_worth that is */
	bool lends;		    /* sessions use its descriptor: closed after the last */
	unsigned int users;	    /* its owner, and arrivals that it may not outlive */
	struct listener *below;	    /* of a layer (transport.h): what listens; owned */
	struct opt_used below_used; /* of its options */
};

/* Takes fd over; users is 1. */
struct listener *listener_new(const struct listener_ops *ops, int fd);
struct listener *listener_free(struct listener *l); /* closes, removes its path */
struct listener *listener_keep(struct listener *l); /* its memory, until released */
void listener_release(struct listener *l);
#define auto_listener __attribute__((__cleanup__(listener_free_pointer))) struct listener *
void listener_free_pointer(struct listener **l);

/* May this peer, or the sender of a packet, talk to us (range, sourceport or
 * lowport, tcpwrap)?  If not, the log says why. */
bool peer_is_admitted(const struct settings *settings, const struct net_address *peer);

/* The same, but the peer must come from this port (-1: from any), whatever the
 * number of sourceport. */
bool peer_is_admitted_from(const struct settings *settings, const struct net_address *peer,
			   long port);

/* Are the options sound together?  Fills in what follows from them.
 * (session_options.c) */
int settings_check(struct address *a, struct err *err);

/* The tables of one family; registry.c lists them all. */
struct addr_table {
	const struct addr_type *rows;
	size_t n;
};

/* The row with that name, whatever its case; NULL: there is none. */
const struct addr_type *addr_find(const char *keyword);

extern const struct addr_table *const addr_tables[]; /* ended by NULL */
extern const struct opt_table *const addr_options[]; /* the opt_catalogue, ended by NULL */
