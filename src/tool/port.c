/* SPDX-License-Identifier: MIT */
/* sockbox port: who listens at a port or UNIX path, and how to end it. */

#include "tool/port.h"
#include "base/str.h"
#include "tool/tool.h"

#include <stdio.h>
#include <string.h>

enum { GO_ON = -1 };

static const char usage[] =
	"Usage: sockbox port [--stop [--yes]] PLACE...\n"
	"\n"
	"Who listens at each PLACE, since when, from where it can be reached, and its clients.\n"
	"A PLACE is a port (TCP and UDP), a path of a UNIX socket, or @NAME for an abstract one.\n"
	"\n"
	"   --stop   end the listening processes with SIGTERM, after a question\n"
	"   --yes    do not ask\n"
	"   --help   this message\n"
	"\n"
	"Exit status: 0 somebody listens at each place (or was ended), 1 it could not be done,\n"
	"2 wrong usage, 4 nobody listens at one of the places.\n";

/* GO_ON, or the exit status when the run ends here. */
static int take_option(const char *word, struct port *port)
{
	if (str_equal(word, "--stop")) {
		port->stop = true;
	} else if (str_equal(word, "--yes")) {
		port->yes = true;
	} else if (str_equal(word, "--help") || str_equal(word, "-h")) {
		fputs(usage, stdout);
		return EXIT_DONE;
	} else {
		fprintf(stderr, "sockbox port: unknown option \"%s\"\n", word);
		return EXIT_USAGE;
	}
	return GO_ON;
}

/* Options may follow places; these stay in argv, up to a NULL. */
static int take_options(char **argv, struct port *port)
{
	int kept = 0, status = GO_ON;
	bool options = true;

	for (int i = 0; argv[i] && status == GO_ON; i++) {
		if (options && str_equal(argv[i], "--"))
			options = false;
		else if (options && argv[i][0] == '-')
			status = take_option(argv[i], port);
		else
			argv[kept++] = argv[i];
	}
	if (status != GO_ON)
		return status;
	argv[kept] = NULL;
	if (port->yes && !port->stop)
		fputs("sockbox port: --yes answers the question of --stop, which is not there\n",
		      stderr);
	else if (kept == 0)
		fputs("sockbox port: which port? Try: sockbox port --help\n", stderr);
	else
		return GO_ON;
	return EXIT_USAGE;
}

static int nobody(const struct place *place)
{
	char shown[256];

	fprintf(stderr, "sockbox port: nobody listens on %s%s\n", place->port ? "port " : "",
		str_escape(place->word, strlen(place->word), shown, sizeof(shown)));
	return EXIT_DIFFERS;
}

static int answer(struct port *port, const struct place *place)
{
	struct findings findings;
	int status = EXIT_DONE;

	port_find(port, place, &findings);
	if (!findings.listeners_count)
		status = nobody(place);
	else if (port->stop)
		status = port_stop(port, &findings);
	else
		port_print(port, place, &findings);
	findings_done(&findings);
	return status;
}

/* The worst status of all places: trouble before "nobody". */
static int answer_all(struct port *port, char **words)
{
	int status = EXIT_DONE;
	struct place place;

	for (; *words; words++) {
		int one;

		(void)place_parse(*words, &place);
		place_look(&place);
		one = answer(port, &place);
		if (status == EXIT_DONE || one == EXIT_FAILED)
			status = one == EXIT_DONE ? status : one;
	}
	return status;
}

static int check_places(char **words)
{
	struct place place;
	char shown[256];

	for (; *words; words++) {
		if (place_parse(*words, &place))
			continue;
		fprintf(stderr, "sockbox port: \"%s\" is no port, no path and no @name\n",
			str_escape(*words, strlen(*words), shown, sizeof(shown)));
		return EXIT_USAGE;
	}
	return GO_ON;
}

static int port_main(int argc, char **argv)
{
	struct port port = { 0 };
	struct err err;
	int status;

	(void)argc;
	status = take_options(++argv, &port);
	if (status == GO_ON)
		status = check_places(argv);
	if (status != GO_ON)
		return status;

	diag_places_init(&port.places);
	if (owners_scan(port.places.root, false, &port.owners, &err) < 0) {
		fprintf(stderr, "sockbox port: %s\n", err.text);
		return EXIT_FAILED;
	}
	port.book = owner_book_new(port.places.root);
	names_init(&port.names, &port.places);
	status = answer_all(&port, argv);
	names_done(&port.names);
	owner_book_free(port.book);
	owners_free(port.owners);
	return status;
}

const struct tool tool_port = {
	.names = "port",
	.help = "who listens on a port or UNIX path, and its clients; --stop ends it",
	.main = port_main,
};
