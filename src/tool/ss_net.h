/* SPDX-License-Identifier: MIT */
#pragma once

/* ss -N: the rest of the run happens in a named network namespace. */

/* Enters the namespace, with its own /sys and its own files of /etc.  0, or -1
 * after telling what is wrong. */
int ss_net_enter(const char *name);
