/* SPDX-License-Identifier: MIT */
/*
 * Values of BPF maps, printed with the types that the kernel keeps of them (BTF).
 *
 * libbpf is loaded when one of the options is there.  A map is opened once: those that are
 * named at once, because the kernel wants their descriptors, the others with their first value.
 */

#include "tool/ss_maps.h"
#include "base/library.h"
#include "diag/storage.h"
#include "report/text.h"
#include "tool/ss_options.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAMED_MAX = 32, INDENT = 2 };

/* clang-format off */
#define BPF_FUNCTIONS(F) \
	F(bpf_map_get_fd_by_id) F(bpf_obj_get_info_by_fd) F(btf__free) \
	F(btf__load_from_kernel_by_id) F(btf_dump__dump_type_data) F(btf_dump__free) \
	F(btf_dump__new) F(libbpf_set_print)
/* clang-format on */

struct bpf_library {
	BPF_FUNCTIONS(LIBRARY_POINTER)
};

struct map {
	uint32_t id, value_type;
	struct btf *types;
	struct btf_dump *dump; /* NULL: nothing is known of it */
};

struct ss_maps {
	struct bpf_library bpf;
	int named[NAMED_MAX]; /* descriptors */
	size_t named_count;   /* 0: all maps */
	struct map *known;
	size_t known_count;
	struct text *text; /* that is being written */
};

static struct ss_maps *maps_new(void)
{
	static const char *const names[] = { BPF_FUNCTIONS(LIBRARY_NAME) };
	static const struct library libbpf = { "BPF maps", "libbpf.so.1", names,
					       ARRAY_SIZE(names) };
	struct ss_maps *maps = new_object(struct ss_maps);
	struct err err;

	if (library_load(&libbpf, &maps->bpf, &err) < 0) {
		fprintf(stderr, "ss: %s\n", err.text);
		free(maps);
		return NULL;
	}
	(void)maps->bpf.libbpf_set_print(NULL); /* what fails is told by us */
	return maps;
}

static int exclude_each_other(int status)
{
	fputs("ss: --bpf-maps and --bpf-map-id cannot be used together\n", stderr);
	return status;
}

int ss_maps_all(struct ss_maps **maps)
{
	if (*maps)
		return (*maps)->named_count ? exclude_each_other(SS_EXIT_USAGE) : SS_GO_ON;
	*maps = maps_new();
	return *maps ? SS_GO_ON : EXIT_FAILURE;
}

int ss_maps_add(struct ss_maps **maps, uint32_t id)
{
	int fd;

	if (*maps && !(*maps)->named_count)
		return exclude_each_other(EXIT_FAILURE);
	if (!*maps)
		*maps = maps_new();
	if (!*maps)
		return EXIT_FAILURE;
	if ((*maps)->named_count == NAMED_MAX) {
		fprintf(stderr, "ss: more than %d BPF maps\n", NAMED_MAX);
		return EXIT_FAILURE;
	}
	fd = (*maps)->bpf.bpf_map_get_fd_by_id(id);
	if (fd < 0) {
		fprintf(stderr, "ss: BPF map %u: %s\n", id, err_reason(-errno));
		return EXIT_FAILURE;
	}
	(*maps)->named[(*maps)->named_count++] = fd;
	return SS_GO_ON;
}

void ss_maps_free(struct ss_maps *maps)
{
	if (!maps)
		return;
	for (size_t i = 0; i < maps->named_count; i++)
		close(maps->named[i]);
	for (size_t i = 0; i < maps->known_count; i++) {
		maps->bpf.btf_dump__free(maps->known[i].dump);
		maps->bpf.btf__free(maps->known[i].types);
	}
	free(maps->known);
	free(maps);
}

/* libbpf prints a value piece by piece. */
static printf_like(2, 0) void print_piece(void *context, const char *format, va_list arguments)
{
	const struct ss_maps *maps = context;

	text_format_list(maps->text, format, arguments);
}

/* The number of its types, and of that of its values; false: it is gone, or has none. */
static bool read_info(const struct ss_maps *maps, uint32_t id, struct bpf_map_info *ret)
{
	uint32_t size = sizeof(*ret);
	auto_close int fd = maps->bpf.bpf_map_get_fd_by_id(id);

	*ret = (struct bpf_map_info){ 0 };
	return fd >= 0 && maps->bpf.bpf_obj_get_info_by_fd(fd, ret, &size) == 0 && ret->btf_id &&
	       ret->btf_value_type_id;
}

static struct map open_map(struct ss_maps *maps, uint32_t id)
{
	struct map map = { .id = id };
	struct bpf_map_info info;

	if (!read_info(maps, id, &info))
		return map;
	map.value_type = info.btf_value_type_id;
	map.types = maps->bpf.btf__load_from_kernel_by_id(info.btf_id);
	if (map.types)
		map.dump = maps->bpf.btf_dump__new(map.types, print_piece, maps, NULL);
	return map;
}

static const struct map *find_map(struct ss_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->known_count; i++)
		if (maps->known[i].id == id)
			return &maps->known[i];
	maps->known = mem_resize(maps->known, maps->known_count + 1, sizeof(*maps->known));
	maps->known[maps->known_count] = open_map(maps, id);
	return &maps->known[maps->known_count++];
}

static int put_value(void *context, const struct sock_storage *storage, bool one_line,
		     struct text *text)
{
	struct ss_maps *maps = context;
	const struct map *map = find_map(maps, storage->map_id);
	const struct btf_dump_type_data_opts options = {
		.sz = sizeof(options),
		.indent_level = INDENT,
		.compact = one_line,
		.emit_zeroes = true,
	};

	if (!map->dump)
		return -ENOENT;
	maps->text = text;
	return maps->bpf.btf_dump__dump_type_data(map->dump, map->value_type, storage->value.data,
						  storage->value.len, &options);
}

void ss_maps_query(const struct ss_maps *maps, struct diag_query *query)
{
	if (!maps)
		return;
	query->storages = true;
	query->maps = maps->named;
	query->maps_count = maps->named_count;
}

void ss_maps_report(struct ss_maps *maps, struct report_options *report)
{
	if (!maps)
		return;
	report->map_value = put_value;
	report->map_value_context = maps;
}
