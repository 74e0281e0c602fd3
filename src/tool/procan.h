/* SPDX-License-Identifier: MIT */
#pragma once

/* The parts of procan's output, each on stdout. */

/* Ids, controlling terminal, umask (procan_process.c). */
void procan_print_process(void);

/* Limits, C types, network (procan_system.c). */
void procan_print_system(void);

/* The numbers behind names of constants, as C defines (procan_constants.c). */
void procan_print_constants(void);
