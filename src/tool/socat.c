/* SPDX-License-Identifier: MIT */
/* socat: two addresses, one relay, classic's exit codes. */

#include "tool/socat_options.h"

#include "base/num.h"
#include "base/str.h"
#include "relay/lock.h"
#include "task/signals.h"
#include "task/task.h"
#include "tool/describe.h"
#include "tool/socat_help.h"
#include "tool/tool.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EXIT_NOT_OPENED_QUIETLY = 255,
	BLOCK_SIZE = 8192,
	BULK_SIZE = 65536,
	CLOSING_WAIT = CLOCK_US_PER_S / 2,
};

#define BIT(signo) (UINT64_C(1) << (signo))
static const uint64_t default_signals = BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGILL) |
					BIT(SIGABRT) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGSEGV) |
					BIT(SIGTERM);

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* SOCAT_DEFAULT_LISTEN_IP, SOCAT_PREFERRED_RESOLVE_IP: "4", "6", else none. */
static int family_of(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		return AF_INET;
	return str_equal(value, "4") ? AF_INET : str_equal(value, "6") ? AF_INET6 : AF_UNSPEC;
}

static void make_prefix(struct socat *socat)
{
	socat->prefix = str_format("%s_", socat->log.program);
	for (char *c = socat->prefix; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	socat->relay.address.program = socat->log.program;
	socat->relay.address.env_prefix = socat->prefix;
}

static void start_syslog(void *context)
{
	struct socat *socat = context;

	socat_log_switch(&socat->log);
}

/* -D: both sides, each descriptor once. */
static void describe_streams(const struct stream *left, const struct stream *right)
{
	static const struct describe_style style = { 0 };
	const struct stream *const both[] = { left, right };

	describe_header(stderr, &style);
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		if (both[i]->rfd >= 0)
			describe_descriptor(stderr, both[i]->rfd, &style);
		if (both[i]->wfd >= 0 && both[i]->wfd != both[i]->rfd)
			describe_descriptor(stderr, both[i]->wfd, &style);
	}
}

static void begin_transfer(void *context, const struct stream *left, const struct stream *right)
{
	struct socat *socat = context;

	socat_log_switch(&socat->log);
	if (socat->describe)
		describe_streams(left, right);
}

static int count_digits(uint64_t number)
{
	int digits = 1;

	while (number /= 10)
		digits++;
	return digits;
}

/* Statistics are shown at any verbosity. */
static void print_counts(void *context, const struct flow_count *right_going,
			 const struct flow_count *left_going)
{
	const struct flow_count *const list[] = { right_going, left_going };
	static const char *const names[] = { "left to right", "right to left" };
	int blocks = 1, bytes = 1, level;
	struct socat *socat = context;

	level = socat->log.level;
	socat->log.level = MAX(level, LEVEL_INFO);
	socat_log_open(&socat->log);
	if (!socat->relay.address.experimental)
		log_warn("statistics are experimental");
	for (size_t i = 0; i < ARRAY_SIZE(list); i++) {
		if (!list[i])
			continue;
		blocks = MAX(blocks, count_digits(list[i]->blocks));
		bytes = MAX(bytes, count_digits(list[i]->bytes));
	}
	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i])
			log_info("STATISTICS: %s: %*llu packets(s), %*llu byte(s)", names[i],
				 blocks, (unsigned long long)list[i]->blocks, bytes,
				 (unsigned long long)list[i]->bytes);
	socat->log.level = level;
	socat_log_open(&socat->log);
}

static void init(struct socat *socat, const char *program)
{
	*socat = (struct socat){
		.relay = {
			.left = DIR_BOTH,
			.closing_wait = CLOSING_WAIT,
			.idle_limit = -1,
			.bulk_size = BULK_SIZE,
			.sessions_survive = true,
			.dump_fd = STDERR_FILENO,
			.version = SOCAT_VERSION,
			.address = {
				.block_size = BLOCK_SIZE,
				.listen_family = family_of("SOCAT_DEFAULT_LISTEN_IP"),
				.prefer_family = family_of("SOCAT_PREFERRED_RESOLVE_IP"),
			},
			.hooks = { .context = socat, .waiting = start_syslog,
				   .starting = begin_transfer, .counts = print_counts },
		},
		.signals = default_signals,
	};
	socat_log_init(&socat->log, base_name(program));
}

static int take_signals(const struct socat *socat, struct err *err)
{
	int r;

	r = signals_open();
	if (r < 0)
		return err_set(err, r, "pipe(): %s", err_reason(r));
	signals_note(SIGCONT); /* READLINE is in the foreground again */
	for (int signo = 1; signo < 64; signo++)
		if (socat->signals >> signo & 1 && signo != SIGKILL && signo != SIGSTOP)
			signals_end_on(signo);
	signals_note(SIGUSR1);
	return 0;
}

static int ended_by_signal(int signo)
{
	enum log_level level = signo == SIGHUP || signo == SIGINT ? LEVEL_NOTICE
			       : signo == SIGTERM		  ? LEVEL_WARN
								  : LEVEL_ERROR;

	log_event(MAX(level, LEVEL_WARN), "socat_signal(): handling signal %d", signo);
	log_event(level, "exiting on signal %d", signo);
	return EXIT_SIGNAL + signo;
}

static int finish(struct socat *socat, const struct relay_result *result, const struct err *err)
{
	bool sloppy = socat->relay.address.sloppy;
	int status = 0;

	switch (result->failure) {
	case RELAY_CANCELED:
		return ended_by_signal(signals_ending());
	case RELAY_REPLACED:
		return result->exit_status;
	case RELAY_BAD_ADDRESS:
	case RELAY_NOT_OPENED:
		socat_log_failure(&socat->log, err, result->address);
		status = sloppy ? EXIT_NOT_OPENED_QUIETLY : 1;
		break;
	case RELAY_CUT:
		socat_log_failure(&socat->log, err, NULL);
		status = sloppy ? 0 : 1;
		break;
	case RELAY_PROGRAM:
		status = 1;
		break;
	case RELAY_FINE:
		break;
	}
	if (status == 1 && result->failure != RELAY_PROGRAM)
		log_notice("exit(%d)", status);
	else
		log_notice("exiting with status %d",
			   status == EXIT_NOT_OPENED_QUIETLY ? -1 : status);
	return status;
}

/* One of the sessions that share this process. */
static void tell_ended(void *context, const struct relay_result *result, const struct err *err)
{
	(void)finish(context, result, err);
}

static int wait_at_start(void)
{
	const char *text = getenv("SOCAT_MAIN_WAIT");
	int64_t us;

	return text && num_parse_seconds(text, &us) == 0 ? task_sleep(us) : 0;
}

static int relay(struct socat *socat, const char *left, const char *right)
{
	struct relay_result result = { .failure = RELAY_NOT_OPENED };
	struct owned_path lock = { 0 };
	struct err err = { 0 };
	int r;

	r = take_signals(socat, &err);
	if (r == 0)
		r = wait_at_start();
	if (r == 0 && socat->lockfile)
		r = lock_take(socat->lockfile, socat->wait_for_lock, &lock, &err);
	if (r == 0)
		(void)relay_run(&socat->relay, left, right, &result, &err);
	else if (signals_ending())
		result.failure = RELAY_CANCELED;
	owned_path_done(&lock);
	return finish(socat, &result, &err);
}

static int run(struct socat *socat, int argc, char **argv)
{
	struct err err = { 0 };
	int first, r;

	r = socat_parse_options(socat, argc, argv, &first, &err);
	if (r < 0) {
		socat_log_failure(&socat->log, &err, NULL);
		return 1;
	}
	if (socat->version)
		socat_print_version();
	else if (socat->help)
		socat_print_help(socat->help);
	if (socat->version || socat->help)
		return 0;
	socat_log_open(&socat->log);
	if (argc - first != 2) {
		err_set(&err, -EINVAL,
			"exactly 2 addresses required (there are %d); use option \"-h\" for help",
			argc - first);
		socat_log_failure(&socat->log, &err, NULL);
		return 1;
	}
	make_prefix(socat);
	return relay(socat, argv[first], argv[first + 1]);
}

static int socat_main(int argc, char **argv)
{
	struct socat socat;
	int status;

	init(&socat, argv[0]);
	socat.relay.hooks.ended = tell_ended;
	status = run(&socat, argc, argv);
	free(socat.prefix);
	return status;
}

const struct tool tool_socat = {
	.names = "socat",
	.help = "relay data between two addresses",
	.link = true,
	.main = socat_main,
};
