/* SPDX-License-Identifier: MIT */
/* sockbox tour: plays the sections of the tutorial, prints each command as
 * typed, its real output and what to see in it, and judges. */

#include "tool/tour.h"

#include "base/clock.h"
#include "base/str.h"
#include "task/signals.h"
#include "tool/links.h"
#include "tool/tool.h"

#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char system_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static const char default_server[] = "google.com/80";

enum {
	STEP_LIMIT_S = 30,    /* after that a command counts as lost */
	LISTEN_LIMIT_S = 10,
	LOOK_US = 20000,      /* how often a state without an event of its own is looked at */
	SILENCE_US = 2000000, /* a server that keeps the connection open has finished */
};

/* What the whole tour knows. */
struct tour {
	const char *host; /* HOST/PORT given by the user, or NULL: our own server */
	char *folder;	  /* our links, first in PATH */
	char *path;
	size_t played, differing, left_out;
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

static int play_step(struct tour *tour, const struct play *play)
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
	tour->played++;
	tour->differing += difference != NULL;
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

static int play_steps(struct tour *tour, const struct tour_section *section,
		      const struct tour_places *places, struct err *err)
{
	auto_shell shell = { .fd = -1 };
	struct play play = { .places = places, .shell = &shell, .step = &(struct tour_step){ 0 } };
	bool interrupted;
	int r;

	r = tour_shell_open(&shell, tour->path, err);
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
			tour->left_out++;
			continue;
		}
		r = play_step(tour, &play);
		if (r < 0)
			return r == -ECANCELED ? r : 0;
	}
	return 0;
}

/* google.com/80 becomes the host that the user gave, or our own server. */
static int add_server(const struct tour *tour, struct tour_places *places, struct tour_web *web,
		      struct err *err)
{
	auto_free char *own = NULL;
	int r;

	if (tour->host) {
		tour_places_add(places, default_server, tour->host);
		return 0;
	}
	r = tour_web_start(web, err);
	if (r < 0)
		return r;
	own = str_format("127.0.0.1/%u", (unsigned int)web->port);
	printf("note: a server of our own, %s, stands for %s (choose one with --host)\n", own,
	       default_server);
	tour_places_add(places, default_server, own);
	return 0;
}

static int play_section(struct tour *tour, const struct tour_section *section, struct err *err)
{
	auto_places places = { .n = 0 };
	auto_web web = { .pid = 0 };
	int r;

	printf("\n== %s (%s)\n", section->title, section->name);
	r = tour_places_find(&places, section, err);
	if (r == 0 && tour_mentions(section, default_server))
		r = add_server(tour, &places, &web, err);
	if (r < 0)
		return r;
	return play_steps(tour, section, &places, err);
}

static void tour_done(struct tour *tour)
{
	if (tour->folder) {
		auto_free char *itself = str_format("%s/sockbox", tour->folder);

		(void)unlink(itself);
		links_remove(tour->folder);
		(void)rmdir(tour->folder);
	}
	free(tour->folder);
	free(tour->path);
}

/* A folder with our tools, and sockbox itself, for the front of PATH. */
static int make_tools(struct tour *tour, struct err *err)
{
	auto_free char *program = NULL, *itself = NULL;
	char folder[] = "/tmp/sockbox-tour.XXXXXX";
	int r;

	if (!mkdtemp(folder))
		return err_set(err, -errno, "%s: %s", folder, err_reason(-errno));
	tour->folder = str_copy(folder);
	tour->path = str_format("%s:%s", folder, system_path);

	r = links_program(&program, err);
	if (r < 0)
		return r;
	itself = str_format("%s/sockbox", folder);
	if (symlink(program, itself) < 0)
		return err_set(err, -errno, "%s: %s", itself, err_reason(-errno));
	return links_create(folder, err);
}

/* Signals end the tour in good order; what the shell's jobs leave behind comes
 * to us (PR_SET_CHILD_SUBREAPER) and is waited for. */
static int prepare(struct tour *tour, struct err *err)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	int r = signals_open();

	if (r < 0)
		return err_set(err, r, "signals: %s", err_reason(r));
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		signals_end_on(ending[i]);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	return make_tools(tour, err);
}

static int summary(const struct tour *tour)
{
	printf("\n%zu steps played", tour->played);
	if (tour->left_out)
		printf(", %zu left out", tour->left_out);
	if (tour->differing)
		printf(", %zu did not show what the tutorial says\n", tour->differing);
	else
		printf(", all as the tutorial says\n");
	return tour->differing ? EXIT_DIFFERS : EXIT_DONE;
}

/* only: the one section to play, or NULL for all. */
static int play_tour(const char *host, const struct tour_section *only)
{
	__attribute__((__cleanup__(tour_done))) struct tour tour = { .host = host };
	struct err err = { 0 };
	int r;

	r = prepare(&tour, &err);
	for (size_t i = 0; r == 0 && i < tour_sections_count; i++)
		if (!only || only == &tour_sections[i])
			r = play_section(&tour, &tour_sections[i], &err);

	if (signals_ending()) {
		printf("\nended by signal %d\n", signals_ending());
		return EXIT_SIGNAL + signals_ending();
	}
	if (r < 0) {
		fprintf(stderr, "sockbox tour: %s\n", err.text);
		return EXIT_FAILED;
	}
	return summary(&tour);
}

static int list(void)
{
	for (size_t i = 0; i < tour_sections_count; i++) {
		const struct tour_section *section = &tour_sections[i];

		printf("%s: %s\n", section->name, section->title);
		for (size_t j = 0; j < section->n_steps; j++)
			printf("\t%s\n", section->steps[j].command);
	}
	return EXIT_DONE;
}

static const struct tour_section *find_section(const char *name)
{
	const char *nearest = NULL;
	unsigned int best = UINT_MAX;

	for (size_t i = 0; i < tour_sections_count; i++) {
		if (str_equal(name, tour_sections[i].name))
			return &tour_sections[i];
		if (str_is_nearer(name, tour_sections[i].name, &best))
			nearest = tour_sections[i].name;
	}
	if (nearest)
		fprintf(stderr, "sockbox tour: unknown section \"%s\", did you mean \"%s\"?\n",
			name, nearest);
	else
		fprintf(stderr, "sockbox tour: unknown section \"%s\", try: sockbox tour --list\n",
			name);
	return NULL;
}

static int usage(FILE *out, int status)
{
	fputs("usage: sockbox tour [--host HOST[/PORT]] [SECTION]\n"
	      "       sockbox tour --list\n", out);
	return status;
}

/* The host becomes part of a command line, so only these characters are let in. */
static bool is_host(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.:/%_-";

	return text[0] != '-' && text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

static int tour_main(int argc, char **argv)
{
	const struct tour_section *only = NULL;
	auto_free char *host = NULL;
	int i = 1;

	if (argc == 2 && str_equal(argv[1], "--list"))
		return list();
	if (argc == 2 && (str_equal(argv[1], "--help") || str_equal(argv[1], "-h")))
		return usage(stdout, EXIT_DONE);
	if (argc > i + 1 && str_equal(argv[i], "--host")) {
		if (!is_host(argv[i + 1]))
			return usage(stderr, EXIT_USAGE);
		host = str_format(strchr(argv[i + 1], '/') ? "%s" : "%s/80", argv[i + 1]);
		i += 2;
	}
	if (argc > i + 1 || (argc == i + 1 && argv[i][0] == '-'))
		return usage(stderr, EXIT_USAGE);
	if (argc == i + 1) {
		only = find_section(argv[i]);
		if (!only)
			return EXIT_USAGE;
	}
	return play_tour(host, only);
}

const struct tool tool_tour = {
	.names = "tour",
	.help = "play the sockets tutorial with these tools, on real sockets",
	.main = tour_main,
};
