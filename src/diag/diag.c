/* SPDX-License-Identifier: MIT */
/*
 * From a query to records: which source to ask, and what to do when it does
 * not answer.  The order of the sources is the order of the listing.
 */

#include "diag/diag.h"
#include "base/fd.h"
#include "base/log.h"
#include "diag/dumpfile.h"
#include "diag/family.h"
#include "diag/kept.h"
#include "diag/netlink.h"
#include "diag/proc.h"
#include "diag/summary.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>

enum {
	DUMP_FILE_MAX = 1 << 30,
	KEPT_MAX = 1 << 22,
	KEPT_SOCKETS_MAX = KEPT_MAX / 1024, /* with all that may be asked for */
};

static const struct diag_family *const families[] = {
	&diag_netlink, &diag_packet, &diag_unix,  &diag_raw,  &diag_udp, &diag_tcp,
	&diag_dccp,    &diag_sctp,   &diag_vsock, &diag_tipc, &diag_xdp, &diag_mptcp,
};

/* One dump on its way, so that callbacks know where they are. */
struct dump {
	const struct diag_query *query;
	const struct diag_places *places;
	const struct diag_family *family;
	uint8_t half; /* the address family that was asked for */
	diag_row *row;
	void *context;
	struct netlink netlink; /* opened when first needed */
	int refused;		/* -errno of that, which is told once */
	struct kept *kept;	/* both halves come at once: where the second one waits */
	bool answered;		/* some message of them has come */
	/* sizeof(struct sock_record), not to be seen by the compiler: it would clear a record with
	 * an instruction that takes as long as decoding it; memset() does not. */
	size_t record_size;
};

static void begin_record(const struct dump *dump, struct sock_record *ret)
{
	memset(ret, 0, dump->record_size);
	ret->table = dump->family->table;
	ret->family = dump->half;
}

static bool is_wanted(const struct dump *dump, const struct sock_record *record)
{
	return dump->query->tables & TABLE_BIT(record->table) && record->family < FAMILY_BITS &&
	       dump->query->families & FAMILY_BIT(record->family);
}

static int take_message(void *context, const void *payload, size_t len)
{
	const struct dump *dump = context;
	struct sock_record record;

	begin_record(dump, &record);
	if (dump->family->decode(payload, len, &record) < 0 || !is_wanted(dump, &record))
		return 0;
	return dump->row(dump->context, &record);
}

static int take_first_half(void *context, const void *payload, size_t len)
{
	struct dump *dump = context;
	const uint8_t *family = payload;

	dump->answered = true;
	if (!len || *family != dump->family->halves[1].family)
		return take_message(context, payload, len);
	kept_put(dump->kept, payload, len);
	return 0;
}

static int ask(struct dump *dump, const struct diag_query *query)
{
	const struct diag_family *family = dump->family;
	auto_buf request = { 0 };

	if (dump->kept) {
		family->joint_request(family, query, &request);
		return netlink_dump(&dump->netlink, family->joint_type, request.data, request.len,
				    take_first_half, dump);
	}
	family->request(family, query, dump->half, &request);
	return netlink_dump(&dump->netlink, SOCK_DIAG_BY_FAMILY, request.data, request.len,
			    take_message, dump);
}

static int open_socket(struct dump *dump)
{
	struct err err;

	if (!dump->netlink.socket && !dump->refused) {
		dump->refused = netlink_open(&dump->netlink, 0, &err);
		if (dump->refused)
			log_warn("%s", err.text);
	}
	return dump->refused;
}

/* Did the receiver end the dump, or the kernel refuse it?  The receiver's
 * errors are remembered so that the fall-back does not swallow them. */
struct watched_row {
	diag_row *row;
	void *context;
	int result;
};

/* Old kernels do not know every operation of a program, and look at marks only
 * for the privileged: then all sockets must come. */
static int ask_kernel(struct dump *dump)
{
	struct diag_query whole = *dump->query;
	const struct watched_row *watched = dump->context;
	int r = open_socket(dump);

	if (r < 0)
		return r;
	r = ask(dump, dump->query);
	if (!whole.bytecode_len || watched->result < 0 || (r != -EINVAL && r != -EPERM))
		return r;
	whole.bytecode_len = 0;
	return ask(dump, &whole);
}

static int take_sorted(struct dump *dump, struct sock_record *records, size_t count)
{
	int r = 0;

	if (count)
		qsort(records, count, sizeof(*records), dump->family->compare);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = dump->row(dump->context, &records[i]);
	return r < 0 ? r : 0;
}

/* Rows from the text of a file.  Only those that must be sorted are kept. */
static int take_text(struct dump *dump, const char *text, size_t text_len)
{
	enum { ROOM_AT_FIRST = 64 };
	auto_free struct sock_record *kept = NULL;
	size_t count = 0, room = 0, len;
	struct sock_record record;
	struct proc_lines lines;
	const char *line;
	int r;

	proc_lines_init(&lines, text, text_len);
	while (proc_lines_next(&lines, &line, &len)) {
		begin_record(dump, &record);
		if (dump->family->parse(line, len, &record) < 0 || !is_wanted(dump, &record) ||
		    !(dump->query->states & STATE_BIT(record.state)))
			continue;
		if (!dump->family->compare) {
			r = dump->row(dump->context, &record);
			if (r < 0)
				return r;
			continue;
		}
		if (count == room) {
			room = room ? room * 2 : ROOM_AT_FIRST;
			kept = mem_resize(kept, room, sizeof(*kept));
		}
		kept[count++] = record;
	}
	return take_sorted(dump, kept, count);
}

static int read_proc(struct dump *dump, enum proc_file file)
{
	char path[PLACES_PATH_MAX];
	auto_free char *text = NULL;
	ssize_t len;

	if (!dump->family->parse)
		return 0;
	/* A kernel without IPv6 or unix sockets has no such file. */
	len = proc_read(diag_places_path(dump->places, file, path), &text);
	return len < 0 ? 0 : take_text(dump, text, (size_t)len);
}

static int watch_row(void *context, const struct sock_record *record)
{
	struct watched_row *watched = context;

	watched->result = watched->row(watched->context, record);
	return watched->result;
}

static int dump_half(struct dump *dump, enum proc_file file, bool kernel)
{
	struct watched_row *watched = dump->context;
	int r;

	if (!kernel)
		return read_proc(dump, file);
	r = ask_kernel(dump);
	if (r >= 0 || watched->result < 0)
		return watched->result;
	if (!dump->family->quiet && !dump->refused && r != -ENOENT && r != -EOPNOTSUPP)
		log_warn("RTNETLINK answers: %s", err_reason(r));
	return read_proc(dump, file);
}

/* Of two halves, sock_diag is asked only for the preferred one. */
static bool is_half_asked(const struct dump *dump, uint8_t half, bool kernel)
{
	int preferred = dump->query->preferred;

	if (!half || !(dump->query->families & FAMILY_BIT(half)))
		return false;
	return !kernel || !(FAMILIES_INET & FAMILY_BIT(half)) ||
	       (preferred != AF_INET && preferred != AF_INET6) || preferred == half;
}

static bool is_kernel_asked(const struct diag_places *places, enum proc_file file)
{
	return file == PROC_FILES || (!places->root_given && !places->files[file]);
}

/* Each half costs a walk through the table of all connections, so both come with one.  The second
 * half has to wait for the end of the first; so it must be small.  Listeners are in a table of
 * their own that is soon walked through. */
static bool is_joint_better(const struct dump *dump)
{
	const struct diag_family *family = dump->family;
	struct diag_summary summary = { 0 };
	char path[PLACES_PATH_MAX];
	auto_free char *text = NULL;

	if (!family->joint_type || dump->query->storages ||
	    !(dump->query->states & ~(STATE_BIT(SOCK_LISTEN) | STATE_BIT(SOCK_CLOSE))))
		return false;
	for (size_t i = 0; i < DIAG_HALVES; i++)
		if (!is_half_asked(dump, family->halves[i].family, true))
			return false;
	if (proc_read(diag_places_path(dump->places, PROC_SOCKSTAT6, path), &text) < 0)
		return false;
	diag_summary_sockstat(&summary, text);
	return summary.tcp6 <= KEPT_SOCKETS_MAX;
}

static int take_kept(struct dump *dump, struct kept *kept)
{
	const void *message;
	size_t len;
	int r = 0;

	while (r >= 0 && kept_next(kept, &message, &len))
		r = take_message(dump, message, len);
	return r;
}

/* Sets *ret_done unless the halves must be asked one by one. */
static int dump_joint(struct dump *dump, bool *ret_done)
{
	const struct diag_family *family = dump->family;
	struct watched_row *watched = dump->context;
	auto_kept kept;
	int r;

	kept_init(&kept, KEPT_MAX);
	dump->half = family->halves[0].family;
	dump->kept = &kept;
	dump->answered = false;
	r = ask_kernel(dump);
	dump->kept = NULL;
	*ret_done = r >= 0 || dump->answered;
	if (watched->result < 0 || !*ret_done)
		return watched->result;
	if (r < 0)
		log_warn("RTNETLINK answers: %s", err_reason(r));
	dump->half = family->halves[1].family;
	return kept_is_full(&kept) ? dump_half(dump, family->halves[1].file, true)
				   : take_kept(dump, &kept);
}

static int dump_family(struct dump *dump)
{
	const struct diag_family *family = dump->family;
	bool kernel = is_kernel_asked(dump->places, family->halves[0].file);
	bool done = false;
	int r;

	if (kernel && is_joint_better(dump)) {
		r = dump_joint(dump, &done);
		if (r < 0 || done)
			return r;
	}
	for (size_t i = 0; i < DIAG_HALVES; i++) {
		dump->half = family->halves[i].family;
		if (!is_half_asked(dump, dump->half, kernel))
			continue;
		r = dump_half(dump, family->halves[i].file, kernel);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Rows of a recorded dump; neither states nor families are looked at.  What is
 * wrong with it goes to err and does not end the listing. */
static int take_recorded(struct dump *dump, struct dumpfile *file, struct err *err)
{
	struct sock_record record;
	const void *payload;
	size_t len;
	int r;

	while ((r = dumpfile_next(file, &payload, &len)) == DUMPFILE_MESSAGE) {
		begin_record(dump, &record);
		record.recorded = true;
		r = dump->family->decode(payload, len, &record);
		if (r < 0) {
			(void)err_set(err, r, "damaged message in $TCPDIAG_FILE");
			return 0;
		}
		r = dump->row(dump->context, &record);
		if (r < 0)
			return r;
	}
	if (r == -ENODATA)
		(void)err_set(err, r, "Unexpected EOF reading $TCPDIAG_FILE");
	else if (r < 0)
		(void)err_set(err, r, "TCPDIAG answered: %s", err_reason(r));
	return 0;
}

static int dump_recorded(struct dump *dump, struct err *err)
{
	auto_free char *data = NULL;
	struct dumpfile file = { 0 };
	ssize_t len;

	len = fd_read_file(dump->places->tcp_dump, DUMP_FILE_MAX, &data);
	if (len < 0) {
		(void)err_set(err, (int)len, "fopen($TCPDIAG_FILE): %s", err_reason((int)len));
		return 0;
	}
	file.data = data;
	file.len = (size_t)len;
	return take_recorded(dump, &file, err);
}

static int drop_message(void *context, const void *payload, size_t len)
{
	(void)context;
	(void)payload;
	(void)len;
	return 0;
}

static int save_half(struct dump *dump)
{
	auto_buf request = { 0 };

	diag_tcp.request(&diag_tcp, dump->query, dump->half, &request);
	return netlink_dump(&dump->netlink, SOCK_DIAG_BY_FAMILY, request.data, request.len,
			    drop_message, NULL);
}

static bool is_asked(const struct diag_query *query, const struct diag_family *family)
{
	return query->tables & family->tables &&
	       (!family->one_state || query->states & STATE_BIT(SOCK_CLOSE));
}

int diag_dump(const struct diag_query *query, const struct diag_places *places, diag_row *row,
	      void *context, struct err *err)
{
	struct watched_row watched = { .row = row, .context = context };
	struct dump dump = {
		.query = query,
		.places = places,
		.row = watch_row,
		.context = &watched,
		.record_size = sizeof(struct sock_record),
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families) && r >= 0; i++) {
		dump.family = families[i];
		if (!is_asked(query, dump.family))
			continue;
		if (dump.family == &diag_tcp && places->tcp_dump)
			r = dump_recorded(&dump, err);
		else
			r = dump_family(&dump);
	}
	netlink_close(&dump.netlink);
	return r;
}

int diag_save(const struct diag_query *query, int fd, struct err *err)
{
	static const struct diag_places places;
	struct dump dump = { .query = query, .places = &places, .family = &diag_tcp };
	int r;

	r = netlink_open(&dump.netlink, 0, err);
	if (r < 0)
		return r;
	dump.netlink.save_fd = fd;
	for (size_t i = 0; i < DIAG_HALVES && r >= 0; i++) {
		dump.half = diag_tcp.halves[i].family;
		if (is_half_asked(&dump, dump.half, true))
			r = save_half(&dump);
	}
	netlink_close(&dump.netlink);
	return r < 0 ? err_set(err, r, "dump of tcp: %s", err_reason(r)) : 0;
}
