/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * sockbox tour: the sockets tutorial, played with our own tools.
 *
 *	steps (tour_steps.c)   what is typed, what must be seen
 *	places (tour_place.c)  ports and paths of the tutorial, and what stands in
 *	                       for those that are taken here
 *	shell (tour_shell.c)   a real interactive shell on a pseudo-terminal
 *	web (tour_web.c)       the HTTP server of the descriptor section
 *	play (tour_play.c)     types the steps and judges what is seen
 *	tour.c                 the sections, and what each needs around it
 *
 * Every pause is for an event: the prompt, a socket that listens, a job in the
 * foreground.
 */

#include "base/buf.h"
#include "base/err.h"

/* What ends a step besides the prompt. */
enum tour_end {
	TOUR_PROMPT,	/* nothing: the command ends by itself */
	TOUR_INTERRUPT, /* Ctrl-C, once the job is in the foreground */
	TOUR_ANSWER,	/* Ctrl-C if the peer falls silent after a good answer */
};

enum { TOUR_SHOWS_MAX = 3 };

struct tour_step {
	const char *command; /* as it stands in the tutorial */
	const char *see;     /* one line: what to look at */
	const char *shows[TOUR_SHOWS_MAX]; /* extended regular expressions the output matches */
	const char *hides;   /* one that it does not match */
	const char *listens; /* a socket that must be there afterwards: "tcp 8080", "unix /path" */
	const char *needs;   /* a program without which the step is left out */
	int status;	     /* the exit status that the shell must see */
	enum tour_end end;
};

struct tour_section {
	const char *name, *title;
	const struct tour_step *steps;
	size_t n_steps;
};

extern const struct tour_section tour_sections[];
extern const size_t tour_sections_count;

/* ---- places */

enum { TOUR_PLACES_MAX = 8 };

/* Words of the tutorial and what is used here instead. */
struct tour_places {
	struct tour_place {
		const char *written;
		char *used;
	} items[TOUR_PLACES_MAX];
	size_t n;
	char *folder; /* made for the socket files, or NULL: they are in /tmp */
};

#define auto_places __attribute__((__cleanup__(tour_places_done))) struct tour_places

/* Looks which ports, addresses and paths of the section are free and says on
 * stdout what stands for those that are not. */
int tour_places_find(struct tour_places *ret, const struct tour_section *section, struct err *err);

/* One more word to be replaced. */
void tour_places_add(struct tour_places *places, const char *written, const char *used);

/* Does a command of the section contain the word? */
bool tour_mentions(const struct tour_section *section, const char *word);

/* The text with all words replaced; the caller frees. */
char *tour_places_apply(const struct tour_places *places, const char *text);

/* Removes the folder for socket files, if there is one, with what is in it. */
void tour_places_done(struct tour_places *places);

/* Is there a socket like "tcp 8080", "udp6 123" or "unix /path"?  The kernel tells its tables in
 * pieces: one that is there may be missed while others come and go; ask again. */
bool tour_listens(const char *what);

/* The same in a table like those of /proc/net. */
bool tour_is_listed(const char *table, const char *what);

/* ---- shell */

struct tour_shell {
	pid_t pid; /* also the number of its session */
	int fd;	   /* our end of the terminal */
	bool has_prompt;
	int status; /* $? at the last prompt */
	struct buf output; /* since the last tour_shell_type(), without prompts */
};

#define auto_shell __attribute__((__cleanup__(tour_shell_close))) struct tour_shell

/* Starts bash, or sh where there is no bash, with this PATH. */
int tour_shell_open(struct tour_shell *ret, const char *path, struct err *err);

/* Types a line.  0 or -errno. */
int tour_shell_type(struct tour_shell *shell, const char *line);

/* Takes what the terminal shows within that time; has_prompt tells whether the
 * shell is waiting for the next line.  0, -ETIMEDOUT (nothing came),
 * -ECANCELED, -EIO (the shell is gone). */
int tour_shell_read(struct tour_shell *shell, int64_t microseconds);

/* Is a job in the foreground, instead of the shell itself? */
bool tour_shell_is_busy(const struct tour_shell *shell);

/* Is the background job alive whose number the output tells, as `[1] 4711`?
 * True where it tells none. */
bool tour_shell_job_lives(const struct tour_shell *shell);

/* Presses Ctrl-C, which the output shows as ^C. */
void tour_shell_interrupt(struct tour_shell *shell);

/* Ends the shell and every process of its session, and waits for them. */
void tour_shell_close(struct tour_shell *shell);

/* ---- web */

struct tour_web {
	pid_t pid; /* 0: not started */
	uint16_t port;
};

#define auto_web __attribute__((__cleanup__(tour_web_stop))) struct tour_web

/* Starts a process that answers every HTTP request on a free loopback port. */
int tour_web_start(struct tour_web *ret, struct err *err);
void tour_web_stop(struct tour_web *web);

/* ---- play */

/* Of steps, in all sections so far. */
struct tour_count {
	size_t played, differing, left_out;
};

/* Plays the steps of a section in a shell of its own, with this PATH, prints them, and counts.
 * A shell that breaks ends the section only.  0, -ECANCELED, or negative with the sentence when
 * there is no shell. */
int tour_play_steps(const struct tour_section *section, const struct tour_places *places,
		    const char *path, struct tour_count *count, struct err *err);
