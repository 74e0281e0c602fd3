/* SPDX-License-Identifier: MIT */
/* sockbox tour: plays the sections of the tutorial (tour_play.c), with our tools first in PATH
 * and a server of our own, and counts. */

#include "tool/tour.h"

#include "base/str.h"
#include "task/signals.h"
#include "tool/links.h"
#include "tool/tool.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char system_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static const char default_server[] = "google.com/80";

/* What the whole tour knows. */
struct tour {
	const char *host; /* HOST/PORT given by the user, or NULL: our own server */
	char *folder;	  /* our links, first in PATH */
	char *path;
	struct tour_count count;
};

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
	return tour_play_steps(section, &places, tour->path, &tour->count, err);
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

static int summary(const struct tour_count *count)
{
	printf("\n%zu steps played", count->played);
	if (count->left_out)
		printf(", %zu left out", count->left_out);
	if (count->differing)
		printf(", %zu did not show what the tutorial says\n", count->differing);
	else
		printf(", all as the tutorial says\n");
	return count->differing ? EXIT_DIFFERS : EXIT_DONE;
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
	return summary(&tour.count);
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
