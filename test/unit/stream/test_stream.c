/* SPDX-License-Identifier: MIT */
/* What all streams have in common: putting back, shutting, the end, and what a
 * forked child leaves alone. */

#include "stream/stream.h"

#include "base/str.h"
#include "task/child.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static bool is_closed(int fd)
{
	return fcntl(fd, F_GETFD) < 0 && errno == EBADF;
}

static void make_sockets(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

/* What the peer of a socket sees: -EAGAIN while it is open. */
static ssize_t peer_reads(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

static void test_unread(void **state)
{
	auto_stream s = NULL;
	char data[16];
	int fds[2];

	(void)state;
	make_sockets(fds);
	s = stream_new(fds[0], fds[0], END_CLOSE);
	assert_int_equal(write(fds[1], "later", 5), 5);
	assert_false(stream_has_unread(s));
	stream_unread(s, "cd", 2);
	stream_unread(s, "ab", 2); /* the last one comes first */
	assert_true(stream_has_unread(s));
	assert_int_equal(stream_read(s, data, 3), 3);
	assert_memory_equal(data, "abc", 3);
	stream_unread(s, "xyz", 3);
	assert_int_equal(stream_read(s, data, sizeof(data)), 4);
	assert_memory_equal(data, "xyzd", 4);
	assert_false(stream_has_unread(s));
	assert_int_equal(stream_read(s, data, sizeof(data)), 5);
	(void)close(fds[1]);
}

/* Nothing is not the end. */
static void test_unread_nothing(void **state)
{
	auto_stream s = NULL;
	char data[16];
	int fds[2];

	(void)state;
	make_sockets(fds);
	s = stream_new(fds[0], fds[0], END_CLOSE);
	stream_unread(s, "", 0);
	assert_false(stream_has_unread(s));
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	(void)close(fds[1]);
}

static void test_shut_actions(void **state)
{
	static const struct {
		enum stream_shut shut;
		bool closes;
		ssize_t peer;
	} cases[] = {
		{ SHUT_DEFAULT, false, -EAGAIN },
		{ SHUT_NONE, false, -EAGAIN },
		{ SHUT_DOWN, false, 0 },
		{ SHUT_CLOSE, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_stream s = NULL;
		int fds[2];

		print_message("%d\n", (int)cases[i].shut);
		make_sockets(fds);
		s = stream_new(fds[0], fds[0], END_CLOSE);
		s->shut = (uint8_t)cases[i].shut;
		assert_int_equal(stream_shut(s), 0);
		assert_int_equal(peer_reads(fds[1]), cases[i].peer);
		assert_int_equal(is_closed(fds[0]), cases[i].closes);
		assert_int_equal(s->wfd, cases[i].closes ? -1 : fds[0]);
		assert_int_equal(s->rfd, cases[i].closes ? -1 : fds[0]);
		assert_int_equal(stream_shut(s), 0); /* twice is once */
		(void)close(fds[1]);
	}
}

/* With two descriptors only the written one is closed. */
static void test_shut_close_of_two(void **state)
{
	auto_stream s = NULL;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	s = stream_new(fds[0], fds[1], END_CLOSE);
	s->shut = SHUT_CLOSE;
	assert_int_equal(stream_shut(s), 0);
	assert_true(is_closed(fds[1]));
	assert_false(is_closed(fds[0]));
	assert_int_equal(s->rfd, fds[0]);
}

static void test_shut_fails(void **state)
{
	auto_stream s = NULL;

	(void)state;
	s = stream_new(-1, open("/dev/null", O_WRONLY | O_CLOEXEC), END_CLOSE);
	s->shut = SHUT_DOWN;
	assert_int_equal(stream_shut(s), -ENOTSOCK);
}

static void test_ends(void **state)
{
	static const struct {
		enum stream_end end;
		bool disown, closes;
		ssize_t peer; /* while a copy of the descriptor is open */
	} cases[] = {
		{ END_KEEP, false, false, -EAGAIN },
		{ END_CLOSE, false, true, -EAGAIN },
		{ END_SHUTDOWN, false, true, 0 },
		{ END_SHUTDOWN, true, true, -EAGAIN }, /* the connection is the parent's */
		{ END_KEEP, true, false, -EAGAIN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stream *s;
		int fds[2], copy;

		print_message("%zu\n", i);
		make_sockets(fds);
		copy = fcntl(fds[0], F_DUPFD_CLOEXEC, 0);
		s = stream_new(fds[0], fds[0], cases[i].end);
		if (cases[i].disown)
			stream_disown(s);
		assert_null(stream_free(s));
		assert_int_equal(is_closed(fds[0]), cases[i].closes);
		assert_int_equal(peer_reads(fds[1]), cases[i].peer);
		if (!cases[i].closes)
			(void)close(fds[0]);
		(void)close(copy);
		(void)close(fds[1]);
	}
	assert_null(stream_free(NULL));
	stream_disown(NULL);
}

/* Waits for a child that only sleeps; the signal that ended it, or 0. */
static int ended_by(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	child_forget(pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static pid_t start_sleeper(void)
{
	pid_t pid = child_fork(CHILD_PROGRAM);

	if (pid == 0)
		for (;;)
			(void)pause();
	assert_true(pid > 0);
	return pid;
}

static void test_program(void **state)
{
	pid_t pid = start_sleeper();
	struct stream *s = stream_new(-1, -1, END_CLOSE);

	(void)state;
	s->program = pid;
	s->program_owner = getpid();
	(void)stream_free(s);
	assert_int_equal(ended_by(pid), SIGTERM);
}

static void test_program_lives(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		pid_t pid = start_sleeper();
		struct stream *s = stream_new(-1, -1, END_CLOSE);

		s->program = pid;
		s->program_owner = i == 0 ? getppid() : getpid();
		s->keep_program = i == 1;
		if (i == 2)
			stream_disown(s);
		(void)stream_free(s);
		assert_int_equal(kill(pid, SIGKILL), 0); /* the first signal it gets */
		assert_int_equal(ended_by(pid), SIGKILL);
	}
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	(void)close(fd);
}

/* Runs the body in a forked process and says whether it ended well. */
static bool in_child(void (*body)(void *), void *context)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		body(context);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void free_in_child(void *s)
{
	(void)stream_free(s);
}

static int make_folder(void **state)
{
	char template[] = "/tmp/stream-test.XXXXXX";

	*state = str_copy(mkdtemp(template));
	return 0;
}

static int remove_folder(void **state)
{
	int r = rmdir(*state); /* fails when something was left */

	free(*state);
	return r;
}

static void test_paths(void **state)
{
	auto_free char *path = str_format("%s/path", (char *)*state);
	auto_free char *lock = str_format("%s/lock", (char *)*state);
	struct stream *s = stream_new(-1, -1, END_CLOSE);

	make_file(path);
	make_file(lock);
	owned_path_set(&s->path, path);
	owned_path_set(&s->lock, lock);
	assert_true(in_child(free_in_child, s));
	assert_true(exists(path)); /* only in the process that made it */
	assert_true(exists(lock));
	(void)stream_free(s);
	assert_false(exists(path));
	assert_false(exists(lock));
}

/* Made under chdir, removed from wherever the process is by then. */
static void give_away_and_free(void *s)
{
	stream_bequeath(s, getpid());
	(void)stream_free(s);
}

/* A process that goes on with the sessions of another one. */
static void test_bequeath(void **state)
{
	auto_free char *path = str_format("%s/path", (char *)*state);
	auto_free char *lock = str_format("%s/lock", (char *)*state);
	auto_stream s = stream_new_joined(stream_new(-1, -1, END_CLOSE), NULL);

	make_file(path);
	make_file(lock);
	owned_path_set(&s->reading->path, path);
	owned_path_set(&s->lock, lock);
	assert_true(in_child(give_away_and_free, s));
	assert_false(exists(path));
	assert_false(exists(lock));
	make_file(path);
	stream_bequeath(s, getpid() + 1);
	s = stream_free(s);
	assert_true(exists(path));
	assert_int_equal(unlink(path), 0);
}

/* A terminal whose echo was switched off after the settings were saved. */
static int quiet_terminal(struct stream *s, int *ret_master)
{
	struct termios settings;
	int fd;

	*ret_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*ret_master >= 0);
	assert_int_equal(grantpt(*ret_master), 0);
	assert_int_equal(unlockpt(*ret_master), 0);
	fd = open(ptsname(*ret_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fd >= 0);
	saved_terminal_take(&s->terminals, fd);
	assert_int_equal(tcgetattr(fd, &settings), 0);
	assert_true(settings.c_lflag & ECHO);
	settings.c_lflag &= ~(tcflag_t)ECHO;
	assert_int_equal(tcsetattr(fd, TCSANOW, &settings), 0);
	return fd;
}

static bool has_echo(int fd)
{
	struct termios settings;

	assert_int_equal(tcgetattr(fd, &settings), 0);
	return settings.c_lflag & ECHO;
}

static void test_terminal(void **state)
{
	struct stream *s = stream_new(-1, -1, END_KEEP);
	int master, fd;

	(void)state;
	fd = quiet_terminal(s, &master);
	saved_terminal_take(&s->terminals, fd); /* the first settings stay */
	assert_true(in_child(free_in_child, s));
	assert_false(has_echo(fd)); /* not the child's to restore */
	(void)stream_free(s);
	assert_true(has_echo(fd));
	(void)close(fd);
	(void)close(master);
}

static void test_no_terminal(void **state)
{
	struct saved_terminal *saved = NULL;
	auto_close int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	saved_terminal_take(&saved, fd);
	assert_null(saved);
}

static void test_waiting(void **state)
{
	auto_stream s = NULL;
	char data[16];
	int64_t before;
	int fds[2];

	(void)state;
	make_sockets(fds);
	s = stream_new(fds[0], fds[0], END_CLOSE);
	before = task_deadline(clock_after(1000));
	assert_int_equal(stream_read_wait(s, data, sizeof(data)), -ETIMEDOUT);
	(void)task_deadline(before);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(stream_read_wait(s, data, sizeof(data)), 1);
	(void)close(fds[1]);
	assert_int_equal(stream_read_wait(s, data, sizeof(data)), 0);
}

static void read_everything(int fd, size_t expected)
{
	static char data[65536];
	size_t got = 0;
	ssize_t n;

	while ((n = read(fd, data, sizeof(data))) > 0)
		got += (size_t)n;
	_exit(got == expected ? 0 : 1);
}

/* Far more than fits into the channel, to a reader that is another process. */
static void test_write_all(void **state)
{
	static char data[1 << 20];
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(fds[1]);
		read_everything(fds[0], sizeof(data));
	}
	{
		auto_stream s = stream_new(-1, fds[1], END_CLOSE);

		(void)close(fds[0]);
		assert_int_equal(stream_write_all(s, data, sizeof(data)), 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_unread_nothing),
		cmocka_unit_test(test_shut_actions),
		cmocka_unit_test(test_shut_close_of_two),
		cmocka_unit_test(test_shut_fails),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_program_lives),
		FOLDER_TEST(test_paths),
		FOLDER_TEST(test_bequeath),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_no_terminal),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_write_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
