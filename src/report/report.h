/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Records as rows of a listing.  The report never asks the kernel about a
 * socket and never waits: what it needs besides records it is given here.
 */

#include "diag/diag.h"
#include "diag/owner.h"
#include "diag/summary.h"

struct report;

/* The name of an address (4 or 16 bytes), or NULL.  The text stays valid. */
typedef const char *report_host_name(void *context, int family, const uint8_t *address);

/* The value of a BPF map as text, on one line or on more, indented twice.  Negative: nothing
 * is known of the map. */
struct sock_storage;
struct text;
typedef int report_map_value(void *context, const struct sock_storage *storage, bool one_line,
			     struct text *text);

struct report_options {
	bool numeric;	     /* no names of ports and protocols */
	bool timers;	     /* -o */
	bool extended;	     /* -e */
	bool memory;	     /* -m */
	bool packet_filter;  /* -b */
	bool info;	     /* -i */
	bool tos;	     /* --tos */
	bool cgroup;	     /* --cgroup */
	bool socket_options; /* --inet-sockopt */
	bool tipc_info;	     /* --tipcinfo */
	bool processes;	     /* -p */
	bool threads;	     /* -T: entries say which thread */
	bool no_header;	     /* -H */
	bool no_queues;	     /* -Q */
	bool one_line;	     /* -O */
	size_t screen;	     /* columns of the screen; 0: compact */
	bool terminal;	     /* names from outside must not control a terminal */

	diag_tables tables; /* of the query: a column with one value is left out */
	diag_states states;
	const struct owners *owners;	  /* needed with processes; borrowed */
	const struct diag_places *places; /* borrowed */
	report_host_name *host_name;	  /* NULL: addresses stay numbers */
	void *host_name_context;
	report_map_value *map_value; /* --bpf-maps, --bpf-map-id; NULL: values are not shown */
	void *map_value_context;
};

#define auto_report __attribute__((__cleanup__(report_cleanup))) struct report *

/* Writes to the descriptor, which stays the caller's. */
struct report *report_new(const struct report_options *options, int fd);
void report_free(struct report *report);
void report_cleanup(struct report **report);

/* The totals of -s. */
void report_summary(struct report *report, const struct diag_summary *summary);

/* The header row, unless the options say otherwise; before the first row. */
void report_header(struct report *report);

/* One socket.  Trouble with the descriptor shows at the end. */
void report_row(struct report *report, const struct sock_record *record);

/* Writes what is there so far, for listings without an end. */
void report_flush(struct report *report);

/* Writes what is left.  0 or -errno of the first write that failed. */
int report_end(struct report *report);
