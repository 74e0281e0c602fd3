/* SPDX-License-Identifier: MIT */
/* Options about the data that flows, and about what surrounds an opening. */

#include "addr/families.h"
#include "opt/action.h"
#include "stream/stream.h"

#define STORE(names, help, phase, type, store, member)                                             \
	{ names, help, GROUP_APPL, phase, SCOPE_SETTINGS, &value_##type, opt_store_##store,        \
	  { .offset = offsetof(struct settings, member) } }
#define NEWLINE(names, help, kind)                                                                 \
	{ names, help, GROUP_APPL, PHASE_LATE, SCOPE_SETTINGS, &value_const, opt_store_mask,     \
	  { .offset = offsetof(struct settings, newline), .mask = (kind) } }
#define SHUT(names, help, how)                                                                     \
	{ names, help, GROUP_FD, PHASE_OFFSET, SCOPE_SETTINGS, &value_const, opt_store_mask,       \
	  { .offset = offsetof(struct settings, shut), .mask = (how) } }

static const struct opt_type options[] = {
	STORE("ignoreeof ignoreof", "read on when the end is reached", PHASE_LATE, bool, bool,
	      ignoreeof),
	NEWLINE("cr", "lines end with CR on this side", NEWLINE_CR),
	NEWLINE("crnl crlf", "lines end with CR LF on this side", NEWLINE_CRNL),
	{ "readbytes bytes", "take the end for reached after so many bytes", GROUP_APPL,
	  PHASE_LATE, SCOPE_SETTINGS, &value_size, opt_store_time,
	  { .offset = offsetof(struct settings, readbytes) } },
	STORE("lockfile", "make this lock file or fail", PHASE_INIT, filename, text, lockfile),
	STORE("waitlock", "make this lock file, waiting for it", PHASE_INIT, filename, text,
	      waitlock),
	STORE("escape", "take this byte for the end", PHASE_INIT, int, int, escape),
	{ "chdir cd", "open the address from this folder", GROUP_APPL, PHASE_INIT, SCOPE_SETTINGS,
	  &value_filename, opt_store_text, { .offset = offsetof(struct settings, chdir) } },
	STORE("umask", "open the address with this file mode mask", PHASE_INIT, mode, int, umask),
	SHUT("shut-none", "do not tell this side when the other one ended", SHUT_NONE),
	SHUT("shut-down", "tell this side with shutdown(2) when the other one ended", SHUT_DOWN),
	SHUT("shut-close", "close this side when the other one ended", SHUT_CLOSE),
	SHUT("shut-null", "send an empty packet when the other side ended", SHUT_NULL),
	{ "end-close close", "at the end only close: no shutdown, no signal to the program",
	  GROUP_FD, PHASE_OFFSET, SCOPE_SETTINGS, &value_const, opt_store_bool,
	  { .offset = offsetof(struct settings, end_close) } },
	{ "cool-write coolwrite", "take a write nobody reads for a normal end", GROUP_FD,
	  PHASE_INIT, SCOPE_SETTINGS, &value_bool, opt_store_bool,
	  { .offset = offsetof(struct settings, cool_write) } },
	{ "null-eof", "take an empty packet for the end", GROUP_SOCKET, PHASE_OFFSET,
	  SCOPE_SETTINGS, &value_bool, opt_store_bool,
	  { .offset = offsetof(struct settings, null_eof) } },
};

const struct opt_table flow_options = { options, ARRAY_SIZE(options) };
