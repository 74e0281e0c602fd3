/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside `sockbox port`: who listens at a place, and who is connected to it. */

#include "diag/diag.h"
#include "diag/owner.h"
#include "diag/owner_facts.h"
#include "report/names.h"

#include <sys/stat.h>

/* What the user named: a port, or the path or @name of a UNIX socket. */
struct place {
	const char *word;
	uint32_t port;	  /* 0: it is a name */
	const char *name; /* an abstract one begins with @ */
	struct stat file; /* of a path; st_ino is 0 when there is none */
};

/* A socket as far as it outlives the dump. */
struct found {
	struct sock_record record; /* without its byte ranges */
	char name[512];		   /* of a UNIX socket, escaped */
};

struct findings {
	struct found *listeners;
	size_t listeners_count;
	struct found *clients; /* connections that came in at the place */
	size_t clients_count;
};

struct port {
	struct diag_places places;
	struct names names;
	struct owners *owners;
	struct owner_book *book;
	bool stop, yes;
};

/* false: the word is neither a port nor a name. */
bool place_parse(const char *word, struct place *ret);

/* Which file a path leads to: the kernel knows the name that was bound, and there may be
 * others (/var/run and /run, a relative one, a link). */
void place_look(struct place *place);

/* Does the socket of this record wait for peers there?  Pure. */
bool place_is_listener(const struct place *place, const struct sock_record *record);
bool place_is_client(const struct place *place, const struct sock_record *record);

/* Datagram sockets do not become connections: is this one connected to such a listener? */
bool is_datagram_client(const struct findings *findings, const struct sock_record *record);

/* Lists the sockets of this network namespace; findings_done() frees what was found. */
void port_find(const struct port *port, const struct place *place, struct findings *ret);
void findings_done(struct findings *findings);

/* Everything that is known, on stdout. */
void port_print(struct port *port, const struct place *place, const struct findings *findings);

/* "name (pid 7)", escaped, into a text of that size. */
const char *port_owner_name(const struct owner *owner, char *out, size_t size);

/* Ends those who listen, after a question.  Returns the exit status. */
int port_stop(const struct port *port, const struct findings *findings);
