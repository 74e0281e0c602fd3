/* SPDX-License-Identifier: MIT */
/* procan: says what a process is to the system: ids, terminal, limits, types,
 * interfaces; and, with -c, the numbers that generic socket options need. */

#include "tool/procan.h"

#include "base/err.h"
#include "tool/filan_message.h"
#include "tool/tool.h"

#include <errno.h>
#include <stdio.h>

static void print_usage(FILE *out)
{
	fprintf(out,
		"procan (sockbox %s): describe the process and its system\n"
		"usage: procan [OPTION]\n"
		"  -h       print this help (also -?)\n"
		"  -c       print the values of constants as C defines\n",
		SOCKBOX_VERSION);
}

/* As in the original only the letter behind the dash counts. */
static int parse(int argc, char **argv, char *ret_letter)
{
	char letter = argc > 1 && argv[1][0] == '-' ? argv[1][1] : '\0';

	if (argc > 1 && argv[1][0] == '-' && letter != 'h' && letter != '?' && letter != 'c') {
		(void)filan_fail("unknown option \"%s\"", argv[1]);
		print_usage(stderr);
		return 1;
	}
	if (argc > (letter ? 2 : 1))
		return filan_fail("%d superfluous arguments", argc - (letter ? 2 : 1));
	*ret_letter = letter;
	return 0;
}

static int procan_main(int argc, char **argv)
{
	char letter = '\0';
	int r;

	filan_message_open(argv[0], LEVEL_ERROR);
	if (parse(argc, argv, &letter))
		return 1;

	switch (letter) {
	case 'h':
	case '?':
		print_usage(stdout);
		break;
	case 'c':
		procan_print_constants();
		break;
	default:
		procan_print_process();
		procan_print_system();
	}
	r = fflush(stdout) != 0 ? -errno : ferror(stdout) ? -EIO : 0;
	return r < 0 ? filan_fail("write: %s", err_reason(r)) : 0;
}

const struct tool tool_procan = {
	.names = "procan",
	.help = "describe the process and its system",
	.link = true,
	.main = procan_main,
};
