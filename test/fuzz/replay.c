/* SPDX-License-Identifier: MIT */
/* Feeds every file of a corpus folder to a fuzz harness, once: what a fuzzer
 * found stays found, also for compilers without libFuzzer. */

#include "base/base.h"
#include "base/fd.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

static int replay(const char *folder, const char *name)
{
	char path[4096];
	auto_free char *data = NULL;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	len = fd_read_file(path, INPUT_MAX, &data);
	if (len < 0) {
		fprintf(stderr, "cannot read %s\n", path);
		return EXIT_FAILURE;
	}
	return LLVMFuzzerTestOneInput((const uint8_t *)data, (size_t)len) ? EXIT_FAILURE : 0;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	int failed = 0;
	DIR *folder;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	folder = opendir(argv[1]);
	if (!folder) {
		fprintf(stderr, "cannot open %s\n", argv[1]);
		return 2;
	}
	while ((entry = readdir(folder)))
		if (entry->d_type == DT_REG)
			failed |= replay(argv[1], entry->d_name);
	(void)closedir(folder);
	return failed;
}
