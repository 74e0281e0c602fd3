/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Shared libraries that are loaded at first use.
 *
 * Most runs need none of them, and finding and linking them would take longer than
 * all else that a short run does.  So the headers of such a library are used when
 * compiling, but the program is not linked with it: a list of its functions, one
 * macro, makes the table of pointers, of the types that the headers declare, and the
 * names to look up (stream/tls_library.h is an example):
 *
 *	#define EDIT_FUNCTIONS(F) F(el_init_fd) F(el_end)
 *
 *	struct edit_library {
 *		EDIT_FUNCTIONS(LIBRARY_POINTER)
 *	};
 *	static const char *const names[] = { EDIT_FUNCTIONS(LIBRARY_NAME) };
 */

#include "base/err.h"

#define LIBRARY_POINTER(name) typeof(name) *name;
#define LIBRARY_NAME(name) #name,

struct library {
	const char *purpose;	  /* what needs it, to begin the sentence of a failure: "TLS" */
	const char *soname;	  /* with the version of its ABI: "libssl.so.3" */
	const char *const *names; /* of functions, its own or of libraries it needs */
	size_t n;
};

/* Loads it for good and fills the table of n pointers to functions, in the order of
 * the names.  0; -ENOENT: not there or another version, as err says.  Not to be called
 * by two threads at once for the same table: see pthread_once(3). */
int library_load(const struct library *library, void *table, struct err *err);
