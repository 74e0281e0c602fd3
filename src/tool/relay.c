/* SPDX-License-Identifier: MIT */
/*
 * sockbox relay: socat's engine with modern defaults.
 *
 * Both directions run until their own end: nothing is cut by a time-out that
 * nobody asked for.  Messages are plain sentences without time stamps, and exit
 * codes are those of our own verbs (tool.h).
 */

#include "tool/tool.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "base/str.h"
#include "relay/relay.h"
#include "task/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKET_IDLE = 60 * CLOCK_US_PER_S, BACKLOG = 4096, BLOCK_SIZE = 64 * 1024 };

struct tool_state {
	struct relay_options relay;
	enum log_level level;
	const char *log_path; /* NULL: standard error */
	FILE *log;
};

static const char help_text[] =
	"usage: sockbox relay [OPTION...] LEFT RIGHT\n"
	"\n"
	"Opens two addresses of socat and moves data both ways until both have ended.\n"
	"\n"
	"  --idle SECONDS      end after so long without any data (0: never; default: never,\n"
	"                      but after 60 where each peer of a datagram listener has a session)\n"
	"  --closing SECONDS   after the first end, wait so long for more from the other side\n"
	"                      (default: until it ends, too)\n"
	"  --one-way           only from LEFT to RIGHT\n"
	"  --counts            say at the end how much was moved\n"
	"  --log FILE          append messages to this file; SIGHUP opens it anew\n"
	"  -v, --verbose       say what happens\n"
	"  -h, --help          this text\n"
	"\n"
	"signals: USR1 prints counts; HUP opens the log anew and reads the certificates of TLS\n"
	"listeners again; TERM and INT end a listener, whose sessions may finish, and a second\n"
	"one ends these as well.\n"
	"\n"
	"exit codes: 0 everything arrived, 1 an address could not be opened or a program\n"
	"failed, 2 wrong usage, 3 data was cut on the way, 128+N ended by signal N.\n";

static void print_line(const struct tool_state *state, const char *text)
{
	char shown[ERR_TEXT_MAX * 4];

	fprintf(state->log, "sockbox relay: %s\n",
		str_escape(text, strlen(text), shown, sizeof(shown)));
	(void)fflush(state->log);
}

static void print_event(void *context, enum log_level level, const char *text)
{
	(void)level;
	print_line(context, text);
}

static void print_heading(void *context, const char *text)
{
	print_line(context, text);
}

static void print_counts(void *context, const struct flow_count *right_going,
			 const struct flow_count *left_going)
{
	const struct tool_state *state = context;

	if (right_going)
		fprintf(state->log, "sockbox relay: %llu bytes from left to right\n",
			(unsigned long long)right_going->bytes);
	if (left_going)
		fprintf(state->log, "sockbox relay: %llu bytes from right to left\n",
			(unsigned long long)left_going->bytes);
	(void)fflush(state->log);
}

/* A log that cannot be opened anew goes on where it is. */
static int open_log(struct tool_state *state)
{
	FILE *log = fopen(state->log_path, "ae");

	if (!log)
		return -errno;
	if (state->log != stderr)
		(void)fclose(state->log);
	state->log = log;
	return 0;
}

static void reopen_log(void *context)
{
	struct tool_state *state = context;
	int r = state->log_path ? open_log(state) : 0;

	if (r < 0)
		log_error("open(\"%s\"): %s", state->log_path, err_reason(r));
}

static int usage_error(const char *what, const char *value)
{
	fprintf(stderr, "sockbox relay: %s%s; try: sockbox relay --help\n", what, value);
	return EXIT_USAGE;
}

/* "--name VALUE" or "--name=VALUE": the value, or NULL if the word is no such
 * option; *ret_words tells how many words it took. */
static const char *option_value(char **argv, const char *name, int *ret_words)
{
	size_t len = strlen(name);

	*ret_words = 1;
	if (!str_begins(argv[0], name))
		return NULL;
	if (argv[0][len] == '=')
		return argv[0] + len + 1;
	if (argv[0][len])
		return NULL;
	*ret_words = 2;
	return argv[1] ? argv[1] : "";
}

static int parse_seconds(const char *value, int64_t *ret)
{
	if (num_parse_seconds(value, ret) < 0 || *ret < 0)
		return usage_error("not a number of seconds: ", value);
	return -1;
}

static int parse_idle(const char *value, struct relay_options *relay)
{
	int status = parse_seconds(value, &relay->idle_limit);

	relay->packet_idle_limit = 0;
	if (relay->idle_limit == 0)
		relay->idle_limit = -1;
	return status;
}

/* Reads the options; -1: go on at *ret_next, else the exit status. */
static int parse_options(int argc, char **argv, struct tool_state *state, int *ret_next)
{
	struct relay_options *relay = &state->relay;
	int i = 1, words, status = -1;
	const char *value;

	for (; i < argc && status < 0 && argv[i][0] == '-' && argv[i][1]; i += words) {
		words = 1;
		if (str_equal(argv[i], "--")) {
			i++;
			break;
		}
		if ((value = option_value(argv + i, "--idle", &words)))
			status = parse_idle(value, relay);
		else if ((value = option_value(argv + i, "--closing", &words)))
			status = parse_seconds(value, &relay->closing_wait);
		else if ((value = option_value(argv + i, "--log", &words)))
			state->log_path = value;
		else if (str_equal(argv[i], "--one-way"))
			relay->left = DIR_READ;
		else if (str_equal(argv[i], "--counts"))
			relay->statistics = true;
		else if (str_equal(argv[i], "--verbose") || str_equal(argv[i], "-v"))
			state->level = LEVEL_NOTICE;
		else if (str_equal(argv[i], "--help") || str_equal(argv[i], "-h"))
			status = printf("%s", help_text) < 0 ? EXIT_FAILED : EXIT_DONE;
		else
			status = usage_error("unknown option ", argv[i]);
	}
	*ret_next = MIN(i, argc);
	return status;
}

static void print_failure(const struct tool_state *state, const struct relay_result *result,
			  const struct err *err)
{
	char shown[ERR_TEXT_MAX * 4];

	print_line(state, err->text);
	if (result->address && err->column >= 0)
		fprintf(state->log, "    %s\n    %*s^\n",
			str_escape(result->address, strlen(result->address), shown, sizeof(shown)),
			err->column, "");
}

static void tell_ended(void *context, const struct relay_result *result, const struct err *err)
{
	if (result->failure != RELAY_FINE)
		print_line(context, err->text);
}

static int exit_status(const struct tool_state *state, const struct relay_result *result,
		       const struct err *err)
{
	switch (result->failure) {
	case RELAY_FINE:
		return EXIT_DONE;
	case RELAY_BAD_ADDRESS:
		print_failure(state, result, err);
		return EXIT_USAGE;
	case RELAY_NOT_OPENED:
		print_failure(state, result, err);
		return EXIT_FAILED;
	case RELAY_CUT:
		print_failure(state, result, err);
		return EXIT_CUT;
	case RELAY_CANCELED:
		return EXIT_SIGNAL + signals_ending();
	case RELAY_REPLACED:
		return result->exit_status;
	case RELAY_PROGRAM:
		return EXIT_FAILED;
	}
	return EXIT_FAILED;
}

static void init(struct tool_state *state)
{
	*state = (struct tool_state){
		.relay = { .left = DIR_BOTH,
			   .closing_wait = -1,
			   .idle_limit = -1,
			   .packet_idle_limit = PACKET_IDLE,
			   .losses_fail = true,
			   .dump_fd = -1,
			   .version = SOCKBOX_VERSION,
			   .address = { .backlog = BACKLOG,
					.program = "sockbox",
					.env_prefix = "SOCKBOX_",
					.block_size = BLOCK_SIZE },
			   .hooks = { .context = state,
				      .counts = print_counts,
				      .heading = print_heading,
				      .hung_up = reopen_log,
				      .ended = tell_ended } },
		.level = LEVEL_WARN,
		.log = stderr,
	};
}

static int relay_main(int argc, char **argv)
{
	struct tool_state state;
	struct relay_result result;
	struct err err = { .column = -1 };
	int first, r, status;

	init(&state);
	status = parse_options(argc, argv, &state, &first);
	if (status >= 0)
		return status;
	if (argc - first != 2)
		return usage_error("two addresses are needed, LEFT and RIGHT", "");
	r = state.log_path ? open_log(&state) : 0;
	if (r < 0) {
		fprintf(stderr, "sockbox relay: cannot open the log \"%s\": %s\n", state.log_path,
			err_reason(r));
		return EXIT_USAGE;
	}
	if (signals_open() < 0)
		return EXIT_FAILED;
	signals_end_on(SIGINT);
	signals_end_on(SIGTERM);
	signals_note_or_end(SIGHUP);
	signals_note(SIGUSR1);
	signals_note(SIGCONT); /* READLINE is in the foreground again */
	log_open(print_event, &state, state.level);
	(void)relay_run(&state.relay, argv[first], argv[first + 1], &result, &err);
	status = exit_status(&state, &result, &err);
	if (state.log != stderr)
		(void)fclose(state.log);
	return status;
}

const struct tool tool_relay = {
	.names = "relay",
	.help = "relay data between two addresses, with modern defaults",
	.main = relay_main,
};
