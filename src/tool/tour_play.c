/* SPDX-License-Identifier: MIT */
/* The steps of a section: prints each command as typed, its real output and what to see in
 * it, and judges. */

#include "tool/tour.h"

#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	STEP_LIMIT_S = 30,    /* after that a command counts as lost */
	LISTEN_LIMIT_S = 10,
	LOOK_US = 20000,      /* how often a state without an event of its own is looked at */
	SILENCE_US = 2000000, /* a server that keeps the connection open has finished */
};

/* One step on its way. */
struct play {
	const struct tour_step *step;
	const struct tour_places *places;
	struct tour_shell *shell;
};

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	bool found;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) != 0)
		return false;
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* The first expectation that the output does not meet, or NULL.  The caller
 * frees. */
static char *first_difference(const struct play *play)
{
	const char *output = buf_text(&play->shell->output);

	for (size_t i = 0; i < TOUR_SHOWS_MAX && play->step->shows[i]; i++) {
		char *pattern = tour_places_apply(play->places, play->step->shows[i]);

		if (!matches(pattern, output))
			return pattern;
		free(pattern);
	}
	return NULL;
}

/* Has the time come to press Ctrl-C? */
static bool wants_interrupt(const struct play *play, int64_t last_output)
{
	auto_free char *difference = NULL;

	if (play->step->end == TOUR_PROMPT || !tour_shell_is_busy(play->shell))
		return false;
	difference = first_difference(play);
	if (play->step->end == TOUR_INTERRUPT)
		return !difference;
	return !difference && clock_now() - last_output > SILENCE_US;
}

/* Until the shell asks for the next line.  0, -ETIMEDOUT, -ECANCELED, -EIO. */
static int wait_for_prompt(const struct play *play, bool *ret_interrupted)
{
	int64_t limit = clock_after((int64_t)STEP_LIMIT_S * CLOCK_US_PER_S);
	int64_t last_output = clock_now();
	bool interrupted = false;
	int r;

	while (!play->shell->has_prompt) {
		r = tour_shell_read(play->shell, LOOK_US);
		if (r == 0)
			last_output = clock_now();
		else if (r != -ETIMEDOUT)
			return r;
		if (!interrupted && wants_interrupt(play, last_output)) {
			tour_shell_interrupt(play->shell);
			interrupted = true;
		}
		if (clock_now() > limit)
			return -ETIMEDOUT;
	}
	*ret_interrupted = interrupted;
	return 0;
}

/* Until the socket is there.  0, -ETIMEDOUT, -ECHILD (the job has ended before),
 * -ECANCELED, -EIO. */
static int wait_for_listener(const struct play *play, const char *what)
{
	int64_t limit = clock_after((int64_t)LISTEN_LIMIT_S * CLOCK_US_PER_S);
	int r;

	while (!tour_listens(what)) {
		if (!tour_shell_job_lives(play->shell))
			return -ECHILD;
		r = tour_shell_read(play->shell, LOOK_US);
		if (r < 0 && r != -ETIMEDOUT)
			return r;
		if (clock_now() > limit)
			return -ETIMEDOUT;
	}
	return 0;
}

static void print_output(const struct tour_shell *shell)
{
	const char *output = buf_text(&shell->output);

	fputs(output, stdout);
	if (shell->output.len && output[shell->output.len - 1] != '\n')
		putchar('\n');
}

/* Says what is different, in a text that the caller frees; NULL: nothing is. */
static char *judge(const struct play *play, bool interrupted)
{
	char *difference = first_difference(play);

	if (difference) {
		auto_free char *pattern = difference;

		return str_format("the output does not match %s", pattern);
	}
	if (play->step->hides && matches(play->step->hides, buf_text(&play->shell->output)))
		return str_format("the output matches %s", play->step->hides);
	if (play->step->end == TOUR_ANSWER && interrupted)
		return NULL;
	if (play->shell->status != play->step->status)
		return str_format("exit status %d, not %d", play->shell->status,
				  play->step->status);
	return NULL;
}

/* Waits for what the step ends with.  *ret_difference: what is not as the
 * tutorial says, or NULL.  Negative: the shell is of no more use. */
static int follow(const struct play *play, char **ret_difference)
{
	auto_free char *listens =
		play->step->listens ? tour_places_apply(play->places, play->step->listens) : NULL;
	bool interrupted = false;
	int r;

	r = wait_for_prompt(play, &interrupted);
	if (r == -ETIMEDOUT)
		*ret_difference = str_format("no end after %d s", STEP_LIMIT_S);
	if (r < 0)
		return r;

	r = listens ? wait_for_listener(play, listens) : 0;
	if (r == -ETIMEDOUT || r == -ECHILD) {
		*ret_difference = str_format(r == -ECHILD ? "the job ended without a socket %s" :
							    "no socket %s in time", listens);
		return 0;
	}
	if (r == 0)
		*ret_difference = judge(play, interrupted);
	return r;
}

static int play_step(const struct play *play, struct tour_count *count)
{
	auto_free char *command = tour_places_apply(play->places, play->step->command);
	auto_free char *difference = NULL;
	int r;

	printf("\n$ %s\n", command);
	(void)fflush(stdout);
	r = tour_shell_type(play->shell, command);
	if (r == 0)
		r = follow(play, &difference);
	if (r == -ECANCELED)
		return r;

	print_output(play->shell);
	if (r < 0 && !difference)
		difference = str_format("the shell ended: %s", err_reason(r));
	printf("  %s: %s\n", difference ? "to see" : "ok", play->step->see);
	if (difference)
		printf("  DIFFERS: %s\n", difference);
	(void)fflush(stdout);
	count->played++;
	count->differing += difference != NULL;
	return r;
}

static bool is_there(const char *program)
{
	static const char *const folders[] = { "/usr/local/bin", "/usr/bin", "/bin" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		auto_free char *path = str_format("%s/%s", folders[i], program);

		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

int tour_play_steps(const struct tour_section *section, const struct tour_places *places,
		    const char *path, struct tour_count *count, struct err *err)
{
	auto_shell shell = { .fd = -1 };
	struct play play = { .places = places, .shell = &shell, .step = &(struct tour_step){ 0 } };
	bool interrupted;
	int r;

	r = tour_shell_open(&shell, path, err);
	if (r < 0)
		return r;
	r = wait_for_prompt(&play, &interrupted);
	if (r < 0)
		return err_set(err, r, "the shell does not start: %s", err_reason(r));

	for (size_t i = 0; i < section->n_steps; i++) {
		play.step = &section->steps[i];
		if (play.step->needs && !is_there(play.step->needs)) {
			printf("\n$ %s\n  left out: there is no %s here\n", play.step->command,
			       play.step->needs);
			count->left_out++;
			continue;
		}
		r = play_step(&play, count);
		if (r < 0)
			return r == -ECANCELED ? r : 0;
	}
	return 0;
}
