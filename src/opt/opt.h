/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * How options work: rows, groups, phases, scopes, values.
 *
 * Not one concrete option is here; addr/ has the tables.  Text becomes a typed
 * list once (opt_parse), which is const from then on and may be shared by many
 * sessions; each opening applies it phase by phase (opt_apply) and keeps a
 * bitmap of what was used.
 */

#include "base/base.h"
#include "base/err.h"
#include "spec/spec.h"

/* Which options an address takes: those that share a group with it.  In the
 * order in which help lists them. */
typedef uint64_t opt_groups;
#define GROUP_FD ((opt_groups)1 << 0)
#define GROUP_FIFO ((opt_groups)1 << 1)
#define GROUP_CHR ((opt_groups)1 << 2)
#define GROUP_BLK ((opt_groups)1 << 3)
#define GROUP_REG ((opt_groups)1 << 4)
#define GROUP_SOCKET ((opt_groups)1 << 5)
#define GROUP_NAMED ((opt_groups)1 << 6)
#define GROUP_OPEN ((opt_groups)1 << 7)
#define GROUP_EXEC ((opt_groups)1 << 8)
#define GROUP_FORK ((opt_groups)1 << 9)
#define GROUP_SHELL ((opt_groups)1 << 10)
#define GROUP_LISTEN ((opt_groups)1 << 11)
#define GROUP_CHILD ((opt_groups)1 << 12)
#define GROUP_RETRY ((opt_groups)1 << 13)
#define GROUP_RANGE ((opt_groups)1 << 14)
#define GROUP_READLINE ((opt_groups)1 << 15)
#define GROUP_TERMIOS ((opt_groups)1 << 16)
#define GROUP_PTY ((opt_groups)1 << 17)
#define GROUP_PARENT ((opt_groups)1 << 18)
#define GROUP_UNIX ((opt_groups)1 << 19)
#define GROUP_IP4 ((opt_groups)1 << 20)
#define GROUP_IP6 ((opt_groups)1 << 21)
#define GROUP_INTERFACE ((opt_groups)1 << 22)
#define GROUP_UDP ((opt_groups)1 << 23)
#define GROUP_TCP ((opt_groups)1 << 24)
#define GROUP_SCTP ((opt_groups)1 << 25)
#define GROUP_DCCP ((opt_groups)1 << 26)
#define GROUP_UDPLITE ((opt_groups)1 << 27)
#define GROUP_SOCKS ((opt_groups)1 << 28)
#define GROUP_HTTP ((opt_groups)1 << 29)
#define GROUP_OPENSSL ((opt_groups)1 << 30)
#define GROUP_POSIXMQ ((opt_groups)1 << 31)
#define GROUP_PROCESS ((opt_groups)1 << 32) /* accepted by every address */
#define GROUP_APPL ((opt_groups)1 << 33)    /* accepted by every address */
enum { OPT_GROUPS = 34 };

/* When in the opening an option takes effect. */
enum opt_phase {
	PHASE_OFFSET, /* stored while parsing */
	PHASE_INIT,
	PHASE_EARLY,
	PHASE_PREOPEN,
	PHASE_OPEN,
	PHASE_PASTOPEN,
	PHASE_PRESOCKET,
	PHASE_SOCKET,
	PHASE_PASTSOCKET,
	PHASE_PREBIGEN,
	PHASE_BIGEN,
	PHASE_PASTBIGEN,
	PHASE_FD,
	PHASE_PREBIND,
	PHASE_BIND,
	PHASE_PASTBIND,
	PHASE_PRELISTEN,
	PHASE_LISTEN,
	PHASE_PASTLISTEN,
	PHASE_PRECONNECT,
	PHASE_CONNECT,
	PHASE_PASTCONNECT,
	PHASE_PREACCEPT,
	PHASE_ACCEPT,
	PHASE_PASTACCEPT,
	PHASE_CONNECTED,
	PHASE_PREFORK,
	PHASE_FORK,
	PHASE_PASTFORK,
	PHASE_LATE,
	PHASE_LATE2,
	PHASE_PREEXEC,
	PHASE_EXEC,
	PHASE_PASTEXEC,
	PHASE_SPECIFIC,
	OPT_PHASES,
};

/* Whom it touches; the executor of a session is chosen from this. */
enum opt_scope {
	SCOPE_SETTINGS, /* only stored: the action runs while parsing */
	SCOPE_TAKEN,	/* stored, too, but an error unless the opener takes it */
	SCOPE_FD,	/* this descriptor */
	SCOPE_CHILD,	/* only between fork and exec of a program */
	SCOPE_PROCESS,	/* the whole process, for good */
};

enum { OPT_NUMBERS = 3, OPT_BINARY_MAX = 256 };

/* A parsed value; which members count is said by its type. */
struct opt_value {
	bool given; /* "=value" was there */
	long long number[OPT_NUMBERS];
	char *text;
	size_t len; /* of text, which may be binary */
};

/* A value type: its name in the help, and how text becomes a value. */
struct opt_value_type {
	const char *name;
	bool optional; /* may stand without "=value"; parse then sees NULL */
	int (*parse)(const char *name, const struct spec_word *text, struct opt_value *ret,
		     struct err *err);
};

extern const struct opt_value_type value_const, value_bool, value_byte, value_ushort, value_int,
	value_int_or_empty, value_uint, value_size, value_long, value_off32, value_off64,
	value_mode, value_uid, value_gid, value_string, value_string_optional, value_filename,
	value_timeval, value_timespec, value_linger, value_int_int, value_int_ulong,
	value_int_intp, value_int_binary, value_int_string, value_int_int_int,
	value_int_int_binary, value_int_int_string, value_binary, value_ip4_name,
	value_ip4_socket, value_ip_mreqn, value_ip_mreq_source, value_group_source;

/* What an action works on. */
struct opt_target {
	int fd[2]; /* descriptors of the address, -1: none */
	size_t n_fds;
	const char *path; /* entry in the file system, or NULL */
	bool path_is_new; /* we made it: a link in its place is somebody's trick */
	opt_groups only;  /* only options of these groups; 0: all */
	void *settings;	  /* struct of the address that options are stored in */
};

struct option;

/* Does what the option says to one descriptor (or to the path, or the process).
 * 0 or -errno with the sentence in err. */
typedef int opt_action(const struct option *option, const struct opt_target *target, int fd,
		       struct err *err);

/* Data for the action of a row. */
struct opt_args {
	int level, name;    /* setsockopt(2) */
	long bit, mask;	    /* flag words */
	size_t offset;	    /* where a stored option goes in the settings */
};

struct opt_type {
	const char *names; /* canonical name first, then its aliases */
	const char *help;
	opt_groups groups;
	enum opt_phase phase;
	enum opt_scope scope;
	const struct opt_value_type *value;
	opt_action *action; /* NULL: the opener asks for the option itself */
	struct opt_args args;
};

struct opt_table {
	const struct opt_type *rows;
	size_t n;
};

/* All tables there are, ended by NULL. */
typedef const struct opt_table *const *opt_catalogue;

/* One option as given. */
struct option {
	const struct opt_type *type;
	const char *name; /* as typed */
	struct opt_value value;
};

struct opt_list {
	struct option *items;
	size_t n;
};

/* Which options of a list one opening has used up, a bit each. */
struct opt_used {
	uint64_t bits[(SPEC_OPTIONS_MAX + 63) / 64];
};

/* The row of that name in any table, or NULL.  Case does not matter. */
const struct opt_type *opt_find(opt_catalogue catalogue, const char *name);

/* Rows whose constant this platform lacks do not exist (platform.h). */
bool opt_exists(const struct opt_type *type);

/* Text to typed list.  Unknown names, options of other groups and bad values are
 * -EINVAL with the place in err.  accepted: groups of the address; ~0: all.
 * settings receives what options of SCOPE_SETTINGS store.  Free with opt_list_done(). */
int opt_parse(opt_catalogue catalogue, const struct spec_single *spec, opt_groups accepted,
	      void *settings, struct opt_list *ret, struct err *err);

/* The same for socat's -s: each mistake is logged, and its option left out. */
void opt_parse_what_can_be(opt_catalogue catalogue, const struct spec_single *spec,
			   opt_groups accepted, void *settings, struct opt_list *ret);
void opt_list_done(struct opt_list *list);

/* Applies all not yet used options of a phase, in the order given.  0 or the
 * first failure. */
int opt_apply(const struct opt_list *list, struct opt_used *used, enum opt_phase phase,
	      const struct opt_target *target, struct err *err);

/* Applies all not yet used options of a scope, phase by phase: for the child that
 * becomes a program. */
int opt_apply_scope(const struct opt_list *list, struct opt_used *used, enum opt_scope scope,
		    struct err *err);

/* Counts the options of a scope as used: somebody else applies them. */
void opt_use_scope(const struct opt_list *list, struct opt_used *used, enum opt_scope scope);

/* Makes the options of a phase count as not used again (options that are set on
 * the listening and again on the accepted socket). */
void opt_reuse(const struct opt_list *list, struct opt_used *used, enum opt_phase phase);

/* Takes an option that the opener handles itself: marks it used. */
const struct option *opt_take(const struct opt_list *list, struct opt_used *used,
			      const char *name);

/* Marks all options with this action used and works their bits into flags: the
 * bit is set or, with a false value, cleared; a mask is cleared before. */
long opt_collect_flags(const struct opt_list *list, struct opt_used *used, opt_action *action,
		       long flags);

/* The first option that no phase has used, or NULL; *ret_count tells how many. */
const struct option *opt_unused(const struct opt_list *list, const struct opt_used *used,
				size_t *ret_count);

/* The last option of that name, whether used or not; NULL: not given. */
const struct option *opt_get(const struct opt_list *list, const char *name);
bool opt_given(const struct opt_list *list, const char *name);

/* Does any option of the list have this scope? */
bool opt_has_scope(const struct opt_list *list, enum opt_scope scope);

/* For help: "FD,SOCKET", "PASTSOCKET". */
const char *opt_group_name(unsigned int bit);
const char *opt_phase_name(enum opt_phase phase);
