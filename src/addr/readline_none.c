/* SPDX-License-Identifier: MIT */
/* Built without a line editor: there is no READLINE (readline.c). */

#include "addr/families.h"

const struct addr_table readline_addresses = { NULL, 0 };
const struct opt_table readline_options = { NULL, 0 };
