/* SPDX-License-Identifier: MIT */
#pragma once

/* libedit, loaded when the first address needs it (base/library.h).  To be included in the
 * place of its own header, as stream/tls_library.h is. */

#include "base/library.h"

#include <histedit.h>

/* clang-format off */
#define EDIT_FUNCTIONS(F) \
	F(el_cursor) F(el_deletestr) F(el_end) F(el_get) F(el_init_fd) F(el_resize) \
	F(el_source) F(el_wget) F(el_wgets) F(el_wline) F(el_wset) F(history_w) \
	F(history_wend) F(history_winit)
/* clang-format on */

struct edit_library {
	EDIT_FUNCTIONS(LIBRARY_POINTER)
};

extern struct edit_library edit_library; /* empty until it is loaded, then constant */

/* Before any of these functions is called; by any thread, any number of times.
 * -ENOENT: there is no libedit, as err says. */
int edit_library_load(struct err *err);

#define el_cursor     edit_library.el_cursor
#define el_deletestr  edit_library.el_deletestr
#define el_end        edit_library.el_end
#define el_get        edit_library.el_get
#define el_init_fd    edit_library.el_init_fd
#define el_resize     edit_library.el_resize
#define el_source     edit_library.el_source
#define el_wget       edit_library.el_wget
#define el_wgets      edit_library.el_wgets
#define el_wline      edit_library.el_wline
#define el_wset       edit_library.el_wset
#define history_w     edit_library.history_w
#define history_wend  edit_library.history_wend
#define history_winit edit_library.history_winit
