/* SPDX-License-Identifier: MIT */
/* Reading and remembering facts of processes: a hash table by pid. */

#include "diag/owner_facts.h"
#include "base/fd.h"
#include "base/str.h"
#include "diag/scan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS_AT_FIRST = 64, FILE_MAX = 1 << 16, START_WORDS_AFTER_NAME = 19 };

struct entry {
	int pid; /* 0: empty */
	struct owner_facts *facts;
};

struct owner_book {
	const char *root;
	struct entry *entries; /* a power of two */
	size_t used, room;
	int64_t boot; /* seconds since 1970; 0: not read yet, -1: not known */
};

struct owner_book *owner_book_new(const char *root)
{
	struct owner_book *book = new_object(struct owner_book);

	book->root = root;
	return book;
}

void owner_book_free(struct owner_book *book)
{
	if (!book)
		return;
	for (size_t i = 0; i < book->room; i++) {
		if (!book->entries[i].facts)
			continue;
		free(book->entries[i].facts->command);
		free(book->entries[i].facts);
	}
	free(book->entries);
	free(book);
}

void owner_book_cleanup(struct owner_book **book)
{
	owner_book_free(*book);
}

bool owner_parse_start(const char *stat, size_t len, uint64_t *ret_ticks)
{
	const char *bracket = memrchr(stat, ')', len);
	struct scan scan;
	uint64_t ticks;

	if (!bracket)
		return false;
	bracket++;
	scan_init(&scan, bracket, len - (size_t)(bracket - stat));
	for (int i = 0; i < START_WORDS_AFTER_NAME; i++) {
		scan_blanks(&scan);
		scan_word(&scan);
	}
	ticks = scan_decimal(&scan);
	if (scan.failed)
		return false;
	*ret_ticks = ticks;
	return true;
}

/* The line "btime SECONDS" of the system's stat file. */
static int64_t read_boot(const char *root)
{
	auto_free char *path = str_format("%s/stat", root);
	auto_free char *text = NULL;
	const char *line;

	if (fd_read_file(path, (size_t)1 << 24, &text) < 0)
		return -1;
	line = strstr(text, "\nbtime ");
	return line ? strtoll(line + strlen("\nbtime "), NULL, 10) : -1;
}

static int64_t read_start(struct owner_book *book, const char *folder)
{
	auto_free char *path = str_format("%s/stat", folder);
	auto_free char *text = NULL;
	ssize_t len = fd_read_file(path, FILE_MAX, &text);
	long per_second = sysconf(_SC_CLK_TCK);
	uint64_t ticks;

	if (len < 0 || per_second <= 0 || !owner_parse_start(text, (size_t)len, &ticks))
		return 0;
	if (!book->boot)
		book->boot = read_boot(book->root);
	return book->boot < 0 ? 0 : book->boot + (int64_t)(ticks / (uint64_t)per_second);
}

/* The first bytes of the command line; a title that a program wrote over it has blanks. */
static void read_command(const char *folder, struct owner_facts *facts)
{
	auto_free char *path = str_format("%s/cmdline", folder);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char space[OWNER_COMMAND_MAX];
	ssize_t len = fd < 0 ? -1 : read(fd, space, sizeof(space));

	while (len > 0 && (space[len - 1] == '\0' || space[len - 1] == ' '))
		len--;
	if (len <= 0)
		return;
	facts->command = mem_copy(space, (size_t)len);
	facts->command_len = (size_t)len;
}

static struct owner_facts *read_facts(struct owner_book *book, int pid)
{
	struct owner_facts *facts = new_object(struct owner_facts);
	auto_free char *folder = str_format("%s/%d", book->root, pid);
	auto_free char *path = str_format("%s/cgroup", folder);
	auto_free char *text = NULL;
	struct stat about;
	ssize_t len;

	if (stat(folder, &about) == 0) {
		facts->uid_known = true;
		facts->uid = about.st_uid;
	}
	read_command(folder, facts);
	len = fd_read_file(path, FILE_MAX, &text);
	if (len > 0)
		owner_parse_group(text, (size_t)len, &facts->group);
	facts->started = read_start(book, folder);
	return facts;
}

static struct entry *entry_of(const struct owner_book *book, int pid)
{
	static const uint64_t spread = 0x9e3779b97f4a7c15;
	size_t i = (size_t)(((uint64_t)pid * spread) >> 32) & (book->room - 1);

	while (book->entries[i].pid && book->entries[i].pid != pid)
		i = (i + 1) & (book->room - 1);
	return &book->entries[i];
}

static void enlarge(struct owner_book *book)
{
	struct entry *old = book->entries;
	size_t old_room = book->room;

	book->room = old_room ? old_room * 2 : SLOTS_AT_FIRST;
	book->entries = mem_new(book->room, sizeof(*book->entries));
	for (size_t i = 0; i < old_room; i++)
		if (old[i].pid)
			*entry_of(book, old[i].pid) = old[i];
	free(old);
}

const struct owner_facts *owner_book_find(struct owner_book *book, int pid)
{
	struct entry *entry;

	if (book->used * 2 >= book->room)
		enlarge(book);
	entry = entry_of(book, pid);
	if (!entry->pid) {
		*entry = (struct entry){ pid, read_facts(book, pid) };
		book->used++;
	}
	return entry->facts;
}
