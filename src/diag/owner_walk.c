/* SPDX-License-Identifier: MIT */
/*
 * The BPF program, written by hand: it is short, and building it needs no second compiler.
 *
 * The kernel calls it with {meta, task, fd, file} for each descriptor of each process, and once
 * more at the end, without task and file.  It writes a struct holding for each socket; what it
 * wrote is read from a descriptor.  Where the members it looks at are within the kernel's
 * structures, the types that this kernel tells of itself (BTF) say.
 */

#include "diag/owner_walk.h"
#include "base/library.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
#define BPF_FUNCTIONS(F) \
	F(bpf_iter_create) F(bpf_link_create) F(bpf_prog_load) F(btf__find_by_name_kind) \
	F(btf__free) F(btf__load_vmlinux_btf) F(btf__name_by_offset) F(btf__type_by_id) \
	F(libbpf_set_print)
/* clang-format on */

struct bpf_library {
	BPF_FUNCTIONS(LIBRARY_POINTER)
};

/* What the program writes. */
struct holding {
	uint32_t pid, fd, inode;
};

/* Members of the program's argument: each takes eight bytes. */
enum { ARGUMENT_META = 0, ARGUMENT_TASK = 8, ARGUMENT_FD = 16, ARGUMENT_FILE = 24, META_SEQ = 0 };

enum { BUFFER_SIZE = 1 << 16, BITS_PER_BYTE = 8 };

enum member { MEMBER_THREAD, MEMBER_PROCESS, MEMBER_INODE, MEMBER_MODE, MEMBER_NUMBER, MEMBERS };

static const struct {
	const char *structure, *name;
} members[MEMBERS] = {
	[MEMBER_THREAD] = { "task_struct", "pid" }, [MEMBER_PROCESS] = { "task_struct", "tgid" },
	[MEMBER_INODE] = { "file", "f_inode" },	    [MEMBER_MODE] = { "inode", "i_mode" },
	[MEMBER_NUMBER] = { "inode", "i_ino" },
};

/* What the kernel's types say. */
struct kernel {
	int16_t offsets[MEMBERS];
	uint32_t function; /* that a program of this kind stands for */
};

/* The offset in bits, also of a member of a nameless structure within; -ENOENT. */
static int64_t find_member(const struct bpf_library *bpf, const struct btf *types, uint32_t id,
			   const char *name)
{
	enum { DEPTH_MAX = 8 };
	uint32_t todo[DEPTH_MAX] = { id };
	uint32_t before[DEPTH_MAX] = { 0 };

	for (size_t depth = 1; depth;) {
		const struct btf_type *type = bpf->btf__type_by_id(types, todo[--depth]);
		uint32_t start = before[depth];

		for (uint32_t i = 0; type && btf_is_composite(type) && i < btf_vlen(type); i++) {
			const struct btf_member *member = btf_members(type) + i;
			const char *its = bpf->btf__name_by_offset(types, member->name_off);
			uint32_t offset = start + btf_member_bit_offset(type, i);

			if (its && strcmp(its, name) == 0)
				return offset;
			if (its && !its[0] && depth < DEPTH_MAX) {
				todo[depth] = member->type;
				before[depth++] = offset;
			}
		}
	}
	return -ENOENT;
}

static int read_types(const struct bpf_library *bpf, const struct btf *types, struct kernel *ret)
{
	int32_t id = bpf->btf__find_by_name_kind(types, "bpf_iter_task_file", BTF_KIND_FUNC);

	if (id < 0)
		return -ENOENT;
	ret->function = (uint32_t)id;
	for (size_t i = 0; i < MEMBERS; i++) {
		int64_t offset;

		id = bpf->btf__find_by_name_kind(types, members[i].structure, BTF_KIND_STRUCT);
		if (id < 0)
			return -ENOENT;
		offset = find_member(bpf, types, (uint32_t)id, members[i].name);
		if (offset < 0 || offset / BITS_PER_BYTE > INT16_MAX)
			return -ENOENT;
		ret->offsets[i] = (int16_t)(offset / BITS_PER_BYTE);
	}
	return 0;
}

static int ask_kernel(const struct bpf_library *bpf, struct kernel *ret)
{
	struct btf *types = bpf->btf__load_vmlinux_btf();
	int r = types ? read_types(bpf, types, ret) : -ENOENT;

	bpf->btf__free(types);
	return r;
}

/* clang-format off */
#define LOAD(size, to, from, offset) \
	{ BPF_LDX | BPF_MEM | (size), (to), (from), (int16_t)(offset), 0 }
#define STORE_WORD(from, member) \
	{ BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, (from), \
	  (int16_t)(offsetof(struct holding, member) - sizeof(struct holding)), 0 }
#define COPY(to, from) { BPF_ALU64 | BPF_MOV | BPF_X, (to), (from), 0, 0 }
#define NUMBER(operation, to, number) { BPF_ALU64 | (operation) | BPF_K, (to), 0, 0, (number) }
#define CALL(function) { BPF_JMP | BPF_CALL, 0, 0, 0, (function) }
#define END NUMBER(BPF_MOV, BPF_REG_0, 0), { BPF_JMP | BPF_EXIT, 0, 0, 0, 0 }
/* Ends unless this is so: the two instructions of END are jumped over. */
#define NEED_NUMBER(comparison, left, number) \
	{ BPF_JMP | (comparison) | BPF_K, (left), 0, 2, (number) }, END
#define NEED_EQUAL(left, right) { BPF_JMP | BPF_JEQ | BPF_X, (left), (right), 2, 0 }, END
/* clang-format on */

static int load_program(const struct bpf_library *bpf, const struct kernel *kernel)
{
	const int16_t *at = kernel->offsets;
	const struct bpf_insn program[] = {
		LOAD(BPF_DW, BPF_REG_6, BPF_REG_1, ARGUMENT_META),
		LOAD(BPF_DW, BPF_REG_7, BPF_REG_1, ARGUMENT_TASK),
		LOAD(BPF_W, BPF_REG_8, BPF_REG_1, ARGUMENT_FD),
		LOAD(BPF_DW, BPF_REG_9, BPF_REG_1, ARGUMENT_FILE),
		NEED_NUMBER(BPF_JNE, BPF_REG_7, 0),
		NEED_NUMBER(BPF_JNE, BPF_REG_9, 0),
		LOAD(BPF_DW, BPF_REG_9, BPF_REG_9, at[MEMBER_INODE]),
		LOAD(BPF_H, BPF_REG_0, BPF_REG_9, at[MEMBER_MODE]),
		NUMBER(BPF_AND, BPF_REG_0, S_IFMT),
		NEED_NUMBER(BPF_JEQ, BPF_REG_0, S_IFSOCK),
		LOAD(BPF_W, BPF_REG_0, BPF_REG_7, at[MEMBER_PROCESS]),
		LOAD(BPF_W, BPF_REG_1, BPF_REG_7, at[MEMBER_THREAD]),
		NEED_EQUAL(BPF_REG_0, BPF_REG_1),
		STORE_WORD(BPF_REG_0, pid),
		STORE_WORD(BPF_REG_8, fd),
		LOAD(BPF_DW, BPF_REG_0, BPF_REG_9, at[MEMBER_NUMBER]),
		STORE_WORD(BPF_REG_0, inode),
		LOAD(BPF_DW, BPF_REG_1, BPF_REG_6, META_SEQ),
		COPY(BPF_REG_2, BPF_REG_10),
		NUMBER(BPF_ADD, BPF_REG_2, -(int)sizeof(struct holding)),
		NUMBER(BPF_MOV, BPF_REG_3, sizeof(struct holding)),
		CALL(BPF_FUNC_seq_write),
		END,
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_ITER,
		    .attach_btf_id = kernel->function);

	return bpf->bpf_prog_load(BPF_PROG_TYPE_TRACING, "sockbox_owners", "Dual MIT/GPL", program,
				  ARRAY_SIZE(program), &options);
}

/* The kernel says EAGAIN when it has seen a million descriptors that are no sockets. */
static int read_all(int fd, owner_found *found, void *context)
{
	auto_free char *buffer = mem_new(1, BUFFER_SIZE);
	ssize_t len;

	while ((len = read(fd, buffer, BUFFER_SIZE)) != 0) {
		if (len < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		for (ssize_t i = 0; i + (ssize_t)sizeof(struct holding) <= len;
		     i += (ssize_t)sizeof(struct holding)) {
			struct holding holding;

			memcpy(&holding, buffer + i, sizeof(holding));
			found(context, (int)holding.pid, (int)holding.fd, holding.inode);
		}
	}
	return 0;
}

static int walk(const struct bpf_library *bpf, owner_found *found, void *context)
{
	auto_close int program = -1, link = -1, reading = -1;
	struct kernel kernel;
	int r;

	r = ask_kernel(bpf, &kernel);
	if (r < 0)
		return r;
	program = load_program(bpf, &kernel);
	if (program < 0)
		return -errno;
	link = bpf->bpf_link_create(program, 0, BPF_TRACE_ITER, NULL);
	if (link < 0)
		return -errno;
	reading = bpf->bpf_iter_create(link);
	if (reading < 0)
		return -errno;
	return read_all(reading, found, context);
}

int owner_walk(owner_found *found, void *context)
{
	static const char *const names[] = { BPF_FUNCTIONS(LIBRARY_NAME) };
	static const struct library libbpf = { "owners", "libbpf.so.1", names, ARRAY_SIZE(names) };
	struct bpf_library bpf;
	struct err err;
	int r;

	r = library_load(&libbpf, &bpf, &err);
	if (r < 0)
		return r;
	(void)bpf.libbpf_set_print(NULL); /* there is another way */
	return walk(&bpf, found, context);
}
