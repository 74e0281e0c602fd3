/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Inside report/: the columns, and how each family of sockets fills them.
 *
 *	column row --print--> row_format of the record's table --> text
 */

#include "report/names.h"
#include "report/page.h"
#include "report/report.h"

enum column_id {
	COLUMN_NETID,
	COLUMN_STATE,
	COLUMN_RECEIVE_QUEUE,
	COLUMN_SEND_QUEUE,
	COLUMN_LOCAL,
	COLUMN_LOCAL_PORT,
	COLUMN_PEER,
	COLUMN_PEER_PORT,
	COLUMN_PROCESS,
	COLUMN_DETAILS,
	COLUMNS,
};

struct column {
	const char *header;
	enum page_align align;
	size_t gap; /* blanks before it */
};

extern const struct column report_columns[COLUMNS];

struct report {
	struct report_options options;
	struct names names;
	struct page page;
	bool shown[COLUMNS];
	uint32_t association_inode; /* of the sctp row before this one */
	bool is_association;	    /* this row belongs to the sctp socket above it */
	struct output output;
};

enum sock_side { SIDE_LOCAL, SIDE_PEER };

/* How the rows of a table fill the columns that differ from family to family. */
struct row_format {
	void (*netid)(struct report *report, const struct sock_record *record, struct text *text);
	void (*state)(struct report *report, const struct sock_record *record, struct text *text);
	void (*address)(struct report *report, const struct sock_record *record,
			enum sock_side side, struct text *text);
	void (*port)(struct report *report, const struct sock_record *record, enum sock_side side,
		     struct text *text);
	/* NULL: the processes that hold the socket. */
	void (*process)(struct report *report, const struct sock_record *record, struct text *text);
	/* NULL: there are none, and the row ends with its process column. */
	void (*details)(struct report *report, const struct sock_record *record, struct text *text);
};

extern const struct row_format row_inet;
extern const struct row_format row_unix;
extern const struct row_format row_packet;
extern const struct row_format row_netlink;
extern const struct row_format row_vsock;
extern const struct row_format row_tipc;
extern const struct row_format row_xdp;

/* Before anything is printed of a record: is it an association of the one before? */
void report_note(struct report *report, const struct sock_record *record);

/* The format of a record's rows. */
const struct row_format *row_format_of(const struct sock_record *record);

/* The text of one column; and all of them, as a row of the page. */
void report_put_cell(struct report *report, const struct sock_record *record, enum column_id column,
		     struct text *text);
void report_put_row(struct report *report, const struct sock_record *record);

/* Pieces that several families share. */
void put_state(struct report *report, const struct sock_record *record, struct text *text);
void put_shutdown(const struct sock_record *record, struct text *text);
void put_memory(const struct sock_record *record, struct text *text);
void put_identity(const struct sock_record *record, struct text *text); /* uid, ino, sk */
void put_users(const struct owners *owners, uint32_t inode, bool threads, struct text *text);
void put_storages(const struct report_options *options, const struct sock_record *record,
		  struct text *text); /* of BPF maps */
void put_timer(const char *name, const struct sock_record *record, struct text *text);
const char *timer_name(uint8_t timer);

/* A duration as timers show it: "1min59sec", "9.999sec", "040ms", "". */
void put_duration(struct text *text, uint32_t milliseconds);
