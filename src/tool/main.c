/* SPDX-License-Identifier: MIT */
/* The multi-call program: it finds the tool by the name it was called by, or
 * by its first argument, and becomes that tool. */

#include "tool/tool.h"

#include "base/str.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* In the order of `sockbox help`. */
const struct tool *const tool_list[] = {
	&tool_socat,
	&tool_nc,
	&tool_ncat,
	&tool_ss,
	&tool_list_sockets,
	&tool_port,
	&tool_filan,
	&tool_procan,
	&tool_relay,
	&tool_fd,
	&tool_tour,
	&tool_links,
	&tool_help,
	&tool_version,
	NULL,
};

static const struct tool *find_tool(const char *name)
{
	for (size_t i = 0; tool_list[i]; i++)
		if (str_word_is(tool_list[i]->names, name))
			return tool_list[i];
	return NULL;
}

/* The tool that is called by a link of its own, as in `/usr/bin/socat`. */
static const struct tool *find_link(const char *program)
{
	const char *slash = strrchr(program, '/');
	const struct tool *tool = find_tool(slash ? slash + 1 : program);

	return tool && tool->link ? tool : NULL;
}

/* The name that the writer of word may have meant, or an empty text. */
static const char *nearest_name(const char *word, int *ret_len)
{
	unsigned int best = UINT_MAX;
	const char *nearest = "";
	size_t len;

	*ret_len = 0;
	for (size_t i = 0; tool_list[i]; i++) {
		for (const char *w = str_word(tool_list[i]->names, &len); w;
		     w = str_word(w + len, &len)) {
			auto_free char *name = str_copy_n(w, len);

			if (name[0] == '-' || !str_is_nearer(word, name, &best))
				continue;
			nearest = w;
			*ret_len = (int)len;
		}
	}
	return nearest;
}

static int unknown_tool(const char *name)
{
	char shown[256];
	const char *nearest;
	int len;

	(void)str_escape(name, strlen(name), shown, sizeof(shown));
	nearest = nearest_name(name, &len);
	if (len)
		fprintf(stderr, "sockbox: unknown tool \"%s\", did you mean \"%.*s\"?\n", shown,
			len, nearest);
	else
		fprintf(stderr, "sockbox: unknown tool \"%s\", try: sockbox help\n", shown);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct tool *tool = argc > 0 ? find_link(argv[0]) : NULL;

	if (tool)
		return tool->main(argc, argv);
	if (argc < 2)
		return tool_help.main(argc, argv);

	tool = find_tool(argv[1]);
	if (!tool)
		return unknown_tool(argv[1]);
	return tool->main(argc - 1, argv + 1);
}
