/* SPDX-License-Identifier: MIT */
/* What the program is and which tools are in it, told from their rows. */

#include "tool/tool.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

static const char usage_text[] =
	"usage: sockbox TOOL [ARGUMENT...]\n"
	"       TOOL [ARGUMENT...]           through a link of that name (sockbox links)\n"
	"\n"
	"tools:\n";

/* The personalities keep the exit codes of the originals; these are ours. */
static const struct {
	const char *code, *meaning;
} exit_codes[] = {
	{ "0", "everything that was asked for was done" },
	{ "1", "it could not be done: refused, busy, not permitted, not found" },
	{ "2", "the command line is wrong; nothing was begun" },
	{ "3", "data was lost or cut on the way" },
	{ "4", "a check found something else than expected" },
	{ "126", "the command exists but cannot be run" },
	{ "127", "the command does not exist" },
	{ "128+N", "ended by signal N" },
};

static void print_row(const struct tool *tool)
{
	size_t len;
	const char *name = str_word(tool->names, &len);

	printf("  %-8.*s  %s\n", (int)len, name, tool->help);
}

static int help_main(int argc, char **argv)
{
	if (argc > 2) {
		fprintf(stderr, "sockbox %s: at most one argument, the name of a tool\n", argv[0]);
		return EXIT_USAGE;
	}
	if (argc == 2) {
		for (size_t i = 0; tool_list[i]; i++) {
			if (str_word_is(tool_list[i]->names, argv[1])) {
				print_row(tool_list[i]);
				return EXIT_DONE;
			}
		}
		fprintf(stderr, "sockbox %s: unknown tool \"%s\"\n", argv[0], argv[1]);
		return EXIT_USAGE;
	}

	printf("%s", usage_text);
	for (size_t i = 0; tool_list[i]; i++)
		print_row(tool_list[i]);
	printf("\nexit codes of our own verbs; the others keep those of the originals:\n");
	for (size_t i = 0; i < ARRAY_SIZE(exit_codes); i++)
		printf("  %-8s  %s\n", exit_codes[i].code, exit_codes[i].meaning);
	return EXIT_DONE;
}

static int version_main(int argc, char **argv)
{
	if (argc > 1) {
		fprintf(stderr, "sockbox %s: no argument expected\n", argv[0]);
		return EXIT_USAGE;
	}
	printf("sockbox %s\n", SOCKBOX_VERSION);
	return EXIT_DONE;
}

const struct tool tool_help = {
	.names = "help --help -h",
	.help = "list the tools, or say what one of them does",
	.main = help_main,
};

const struct tool tool_version = {
	.names = "version --version -V",
	.help = "print the version",
	.main = version_main,
};
