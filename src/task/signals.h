/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Signals as events.
 *
 * Handlers only remember the number and wake the poll(2) that every wait
 * contains; everything else happens later, in the normal flow.  A signal that
 * ends the program makes all waits return -ECANCELED, so the program unwinds,
 * removes its files and reports 128+N, with no work done in a handler.
 *
 * Signal state belongs to the process; only programs (tool/) open it.  In a
 * library that never called signals_open() nothing here does anything.
 */

#include "base/base.h"

enum { SIGNAL_CHILDREN_MAX = 4 }; /* children one signal can be passed on to */

/* Creates the wake-up pipe (close-on-exec, non-blocking), takes SIGCHLD and
 * ignores SIGPIPE.  Handlers are installed without SA_RESTART.  0 or -errno. */
int signals_open(void);

/* In a forked child: gives this process a wake-up pipe of its own and forgets
 * noted signals and whom to pass them on to.  0 or -errno. */
int signals_reopen(void);

/* This signal ends the program: all waits return -ECANCELED from then on.  A
 * genuine fault of the program itself (SIGSEGV, SIGBUS, SIGFPE, SIGILL with
 * si_code > 0) still kills at once with the default action. */
void signals_end_on(int signo);

/* This signal is only remembered; ask with signals_take(). */
void signals_note(int signo);

/* Likewise, but it ends the program if the terminal sends it (SIGHUP). */
void signals_note_or_end(int signo);

/* Back to the system's default action. */
void signals_default(int signo);

/* In a child that is about to become another program: all signals that were
 * taken, and SIGPIPE, back to the default action. */
void signals_reset(void);

/* Passes the signal on to a child (kill(2) in the handler) instead of acting
 * on it.  -ENOSPC when SIGNAL_CHILDREN_MAX children have it already. */
int signals_forward(int signo, pid_t child);

/* Passes nothing on to that child any more (child.h does so when it has ended:
 * its number may belong to a stranger next). */
void signals_forget(pid_t child);

/* The signal that ends the program, or 0. */
int signals_ending(void);

/* Did the kernel send it, to everybody at the terminal, and not some process to this
 * one? */
bool signals_from_terminal(void);

/* The signal that ended the program is dealt with, and waits go on until the next;
 * or, with a number, it ends the program after all. */
void signals_go_on(int signo);

/* Has the signal come since it was last taken? */
bool signals_take(int signo);
bool signals_came(int signo); /* and leaves it there */

/* For poll sets: readable when signals_collect() has something to do; -1 when
 * signals were not opened. */
int signals_fd(void);

/* Empties the wake-up pipe and reaps ended children (child.h). */
void signals_collect(void);
