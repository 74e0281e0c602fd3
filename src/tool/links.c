/* SPDX-License-Identifier: MIT */
/* sockbox links: makes a folder in which socat, nc, ss and the others are links
 * to this program, to be put first in PATH. */

#include "tool/links.h"

#include "base/str.h"
#include "tool/tool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int links_program(char **ret, struct err *err)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

	if (len < 0)
		return err_set(err, -errno, "/proc/self/exe: %s", err_reason(-errno));
	if ((size_t)len == sizeof(path))
		return err_set(err, -ENAMETOOLONG, "/proc/self/exe: %s", err_reason(-ENAMETOOLONG));
	*ret = str_copy_n(path, (size_t)len);
	return 0;
}

static bool points_to(const char *link, const char *program)
{
	char path[PATH_MAX];
	ssize_t len = readlink(link, path, sizeof(path) - 1);

	if (len < 0)
		return false;
	path[len] = '\0';
	return str_equal(path, program);
}

static char *link_path(const char *folder, const struct tool *tool)
{
	size_t len;
	const char *name = str_word(tool->names, &len);

	return str_format("%s/%.*s", folder, (int)len, name);
}

int links_create(const char *folder, struct err *err)
{
	auto_free char *program = NULL;
	int r = links_program(&program, err);

	if (r < 0)
		return r;

	for (size_t i = 0; tool_list[i]; i++) {
		auto_free char *path = link_path(folder, tool_list[i]);

		if (!tool_list[i]->link || points_to(path, program))
			continue;
		if (symlink(program, path) < 0)
			return err_set(err, -errno, "%s: %s", path, err_reason(-errno));
	}
	return 0;
}

void links_remove(const char *folder)
{
	for (size_t i = 0; tool_list[i]; i++) {
		auto_free char *path = link_path(folder, tool_list[i]);

		if (tool_list[i]->link)
			(void)unlink(path);
	}
}

static int links_main(int argc, char **argv)
{
	struct err err = { 0 };

	if (argc != 2 || argv[1][0] == '-' || argv[1][0] == '\0') {
		fprintf(stderr, "usage: sockbox %s FOLDER\n", argv[0]);
		return EXIT_USAGE;
	}
	if (mkdir(argv[1], 0777) < 0 && errno != EEXIST) {
		fprintf(stderr, "sockbox %s: %s: %s\n", argv[0], argv[1], err_reason(-errno));
		return EXIT_FAILED;
	}
	if (links_create(argv[1], &err) < 0) {
		fprintf(stderr, "sockbox %s: %s\n", argv[0], err.text);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

const struct tool tool_links = {
	.names = "links",
	.help = "make links named socat, nc, ss, ... in a folder, to be put first in PATH",
	.main = links_main,
};
