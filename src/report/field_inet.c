/* SPDX-License-Identifier: MIT */
/* Facts of inet sockets beside those of TCP: timers, marks, options, MD5 keys, TLS and
 * MPTCP above TCP, addresses of SCTP. */

#include "diag/tcp_info.h"
#include "report/field_rows.h"

#include <arpa/inet.h>

enum { SOCKET_OPTION_BYTES = 2, BITS_PER_BYTE = 8 };

/* A structure may end within the number; the text reads it in the same way. */
bool field_take_choice(const char *const *names, size_t count, uint64_t number,
		       struct field_view *view, struct field_value *ret)
{
	if (number < count && names[number])
		text_put(&view->text, names[number]);
	else
		text_format(&view->text, "unknown(%llu)", (unsigned long long)number);
	return field_take_text(view, ret);
}

static bool get_timer(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return view->record->timer && field_take_name(view, timer_name(view->record->timer), ret);
}

static bool get_timer_ms(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return view->record->timer && field_take_number(view->record->timer_ms, ret);
}

static bool get_timer_retransmits(const struct field *self, struct field_view *view,
				  struct field_value *ret)
{
	(void)self;
	return view->record->timer && field_take_number(view->record->retransmits, ret);
}

/* A number that the bit in `unit` says is there. */
static bool get_if_has(const struct field *self, struct field_view *view, struct field_value *ret)
{
	struct sock_bytes whole = { view->record, sizeof(*view->record) };

	return view->record->has & (uint32_t)self->unit &&
	       field_take_number(sock_bytes_number(&whole, self->offset, self->size), ret);
}

static bool get_v6only(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	ret->truth = view->record->v6only;
	return view->record->family == AF_INET6 && view->record->has & HAS_V6ONLY;
}

static bool get_cgroup(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const char *path;

	(void)self;
	if (!(view->record->has & HAS_CGROUP))
		return false;
	path = names_cgroup(&view->report->names, view->record->cgroup);
	if (path)
		return field_take_name(view, path, ret);
	text_put(&view->text, "unreachable:");
	text_hex(&view->text, view->record->cgroup);
	return field_take_text(view, ret);
}

static bool get_socket_option(const struct field *self, struct field_view *view,
			      struct field_value *ret)
{
	static const char *const names[] = {
		"recverr",	     "is_icsk",		"freebind",	 "hdrincl",
		"mc_loop",	     "transparent",	"mc_all",	 "nodefrag",
		"bind_addr_no_port", "recverr_rfc4884", "defer_connect",
	};
	const uint8_t *flags = view->record->options.data;
	size_t wanted = view->item;

	(void)self;
	if (view->record->options.len < SOCKET_OPTION_BYTES)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags[i / BITS_PER_BYTE] & 1U << i % BITS_PER_BYTE && wanted-- == 0)
			return field_take_name(view, names[i], ret);
	return false;
}

static bool get_old_memory(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	if (view->record->has & HAS_MEMORY || !(view->record->has & HAS_OLD_MEMORY))
		return false;
	return field_take_number(sock_bytes_u32(&view->record->old_memory, self->offset), ret);
}

static bool get_rest(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	if (!view->record->rest.len)
		return false;
	field_put_name(view->record->rest.data, view->record->rest.len, &view->text);
	return field_take_text(view, ret);
}

/* The n-th key as the text has it, with the secret: only who may administer the network gets it. */
static bool get_md5_key(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_bytes *keys = &view->record->md5_keys;
	char name[INET6_ADDRSTRLEN];
	struct kernel_md5_key key;
	size_t at = view->item * sizeof(key);

	(void)self;
	if (at + sizeof(key) > keys->len)
		return false;
	memcpy(&key, (const char *)keys->data + at, sizeof(key));
	if (inet_ntop(key.family, key.address, name, sizeof(name)))
		text_put(&view->text, name);
	text_format(&view->text, "/%u=", key.prefix_len);
	field_put_name((const char *)key.key, MIN((size_t)key.key_len, sizeof(key.key)),
		       &view->text);
	return field_take_text(view, ret);
}

/* The n-th value that BPF programs keep with the socket becomes the view's. */
static bool get_storage(const struct field *self, struct field_view *view, struct field_value *ret)
{
	struct sock_bytes rest = view->record->storages;

	(void)self;
	(void)ret;
	for (size_t i = 0; i <= view->item; i++)
		if (!view->report->options.map_value || !storage_next(&rest, &view->storage))
			return false;
	return true;
}

static bool get_map_id(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return field_take_number(view->storage.map_id, ret);
}

static bool get_map_value(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	const struct report_options *options = &view->report->options;

	(void)self;
	return options->map_value(options->map_value_context, &view->storage, true, &view->text) >=
		       0 &&
	       field_take_text(view, ret);
}

static const struct field map_parts[] = {
	{ .name = "map_id",
	  .help = "number of the map",
	  .type = FIELD_UNSIGNED,
	  .get = get_map_id },
	{ .name = "value",
	  .help = "with its types, as C; none if nothing is known of them",
	  .get = get_map_value },
};

static bool get_ulp(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_bytes *name = &view->record->ulp.name;

	(void)self;
	if (!name->len)
		return false;
	field_put_name(name->data, strnlen(name->data, name->len), &view->text);
	return field_take_text(view, ret);
}

static uint64_t ulp_number(const struct field *self, const struct field_view *view)
{
	struct sock_bytes whole = { &view->record->ulp, sizeof(view->record->ulp) };

	return sock_bytes_number(&whole, self->offset, self->size);
}

/* Whether the bit in `unit` of ulp.has is set. */
static bool has_ulp(const struct field *self, const struct field_view *view)
{
	return (view->record->ulp.has & (uint32_t)self->unit) != 0;
}

static bool get_ulp_number(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	return has_ulp(self, view) && field_take_number(ulp_number(self, view), ret);
}

static bool get_ulp_hex(const struct field *self, struct field_view *view, struct field_value *ret)
{
	if (!has_ulp(self, view))
		return false;
	text_hex(&view->text, ulp_number(self, view));
	return field_take_text(view, ret);
}

static bool get_ulp_flag(const struct field *self, struct field_view *view, struct field_value *ret)
{
	ret->truth = has_ulp(self, view);
	return ret->truth;
}

static bool get_ulp_letters(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	static const char letters[] = "MmJjBbecv";

	(void)self;
	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		if (view->record->ulp.flags & 1U << i)
			text_byte(&view->text, letters[i]);
	return text_len(&view->text) && field_take_text(view, ret);
}

static bool get_tls_version(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	static const char *const names[] = { [0x303] = "1.2", [0x304] = "1.3" };

	return has_ulp(self, view) &&
	       field_take_choice(names, ARRAY_SIZE(names), ulp_number(self, view), view, ret);
}

static bool get_tls_cipher(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	static const char *const names[] = { [51] = "aes-gcm-128", [52] = "aes-gcm-256" };

	return has_ulp(self, view) &&
	       field_take_choice(names, ARRAY_SIZE(names), ulp_number(self, view), view, ret);
}

static bool get_tls_way(const struct field *self, struct field_view *view, struct field_value *ret)
{
	static const char *const names[] = { [1] = "none", "sw", "hw", "hw-record" };

	return has_ulp(self, view) &&
	       field_take_choice(names, ARRAY_SIZE(names), ulp_number(self, view), view, ret);
}

#define INET .tables = TABLES_INET
#define IF_HAS(member_, bit_)                                            \
	.type = FIELD_UNSIGNED, .get = get_if_has, .unit = (bit_), INET, \
	.offset = offsetof(struct sock_record, member_),                 \
	.size = sizeof(((struct sock_record *)0)->member_)
#define ULP(member_, bit_)                                                                      \
	.unit = (bit_), INET, .needs = NEED_INFO, .offset = offsetof(struct sock_ulp, member_), \
	.size = sizeof(((struct sock_ulp *)0)->member_)

/* lint: flat table */
static const struct field rows[] = {
	{ .name = "timer.name",
	  .help = "timer that runs: on (retransmission), keepalive, ...",
	  INET,
	  .get = get_timer },
	{ .name = "timer.ms",
	  .help = "milliseconds until it is over",
	  .type = FIELD_UNSIGNED,
	  INET,
	  .get = get_timer_ms },
	{ .name = "timer.retransmits",
	  .help = "how often it was over",
	  .type = FIELD_UNSIGNED,
	  INET,
	  .get = get_timer_retransmits },
	{ .name = "mark", .help = "firewall mark", IF_HAS(mark, HAS_MARK) },
	{ .name = "v6only",
	  .help = "it takes no IPv4",
	  .type = FIELD_BOOL,
	  INET,
	  .get = get_v6only },
	{ .name = "cgroup", .help = "control group of the socket", INET, .get = get_cgroup },
	{ .name = "tos", .help = "type of service", .needs = NEED_TOS, IF_HAS(tos, HAS_TOS) },
	{ .name = "tclass",
	  .help = "traffic class",
	  .needs = NEED_TOS,
	  IF_HAS(tclass, HAS_TCLASS) },
	{ .name = "class_id", .help = "class of traffic control", IF_HAS(class_id, HAS_CLASS_ID) },
	{ .name = "socket_options",
	  .help = "options that are set on the socket",
	  .shape = FIELD_LIST,
	  INET,
	  .get = get_socket_option },
	{ .name = "old_memory.receive",
	  .help = "bytes for receiving, of kernels before 3.x",
	  .type = FIELD_UNSIGNED,
	  INET,
	  .needs = NEED_MEMORY,
	  .get = get_old_memory,
	  .offset = 0 },
	{ .name = "old_memory.queued",
	  .help = "bytes queued for sending",
	  .type = FIELD_UNSIGNED,
	  INET,
	  .needs = NEED_MEMORY,
	  .get = get_old_memory,
	  .offset = 1 },
	{ .name = "old_memory.forward",
	  .help = "bytes allocated ahead",
	  .type = FIELD_UNSIGNED,
	  INET,
	  .needs = NEED_MEMORY,
	  .get = get_old_memory,
	  .offset = 2 },
	{ .name = "old_memory.send",
	  .help = "bytes for sending",
	  .type = FIELD_UNSIGNED,
	  INET,
	  .needs = NEED_MEMORY,
	  .get = get_old_memory,
	  .offset = 3 },
	{ .name = "proc_rest", .help = "what else its line in /proc says", INET, .get = get_rest },
	{ .name = "md5_keys",
	  .help = "address/prefix=key of TCP MD5 signatures",
	  .shape = FIELD_LIST,
	  INET,
	  .needs = NEED_INFO,
	  .get = get_md5_key },
	{ .name = "bpf_maps",
	  .help = "what BPF programs keep with the socket (--bpf-maps)",
	  .shape = FIELD_OBJECTS,
	  INET,
	  .needs = NEED_MAPS,
	  .get = get_storage,
	  .parts = map_parts,
	  .parts_count = ARRAY_SIZE(map_parts) },
	{ .name = "ulp",
	  .help = "protocol above TCP: tls, mptcp, ...",
	  INET,
	  .needs = NEED_INFO,
	  .get = get_ulp },
	{ .name = "tls.version",
	  .help = "version of TLS in the kernel",
	  .get = get_tls_version,
	  ULP(tls_version, ULP_TLS_VERSION) },
	{ .name = "tls.cipher",
	  .help = "its cipher",
	  .get = get_tls_cipher,
	  ULP(tls_cipher, ULP_TLS_CIPHER) },
	{ .name = "tls.receive",
	  .help = "who decrypts: none, sw, hw",
	  .get = get_tls_way,
	  ULP(tls_receive, ULP_TLS_RECEIVE) },
	{ .name = "tls.send",
	  .help = "who encrypts: none, sw, hw",
	  .get = get_tls_way,
	  ULP(tls_send, ULP_TLS_SEND) },
	{ .name = "tls.zero_copy",
	  .help = "sendfile without copies",
	  .type = FIELD_BOOL,
	  .get = get_ulp_flag,
	  .unit = ULP_TLS_ZERO_COPY,
	  INET,
	  .needs = NEED_INFO },
	{ .name = "tls.no_pad",
	  .help = "the peer does not pad",
	  .type = FIELD_BOOL,
	  .get = get_ulp_flag,
	  .unit = ULP_TLS_NO_PAD,
	  INET,
	  .needs = NEED_INFO },
	{ .name = "subflow.flags",
	  .help = "flags of an MPTCP subflow, as letters",
	  INET,
	  .needs = NEED_INFO,
	  .get = get_ulp_letters },
	{ .name = "subflow.remote_token",
	  .help = "the peer's token, hexadecimal",
	  .get = get_ulp_hex,
	  ULP(remote_token, ULP_REMOTE_TOKEN) },
	{ .name = "subflow.remote_id",
	  .help = "the peer's address id",
	  .type = FIELD_UNSIGNED,
	  .get = get_ulp_number,
	  ULP(remote_id, ULP_REMOTE_ID) },
	{ .name = "subflow.local_token",
	  .help = "our token, hexadecimal",
	  .get = get_ulp_hex,
	  ULP(local_token, ULP_LOCAL_TOKEN) },
	{ .name = "subflow.local_id",
	  .help = "our address id",
	  .type = FIELD_UNSIGNED,
	  .get = get_ulp_number,
	  ULP(local_id, ULP_LOCAL_ID) },
	{ .name = "subflow.sequence",
	  .help = "sequence number of the mapping",
	  .type = FIELD_UNSIGNED,
	  .get = get_ulp_number,
	  ULP(sequence, ULP_SEQUENCE) },
	{ .name = "subflow.subflow_sequence",
	  .help = "the same within the subflow",
	  .type = FIELD_UNSIGNED,
	  .get = get_ulp_number,
	  ULP(subflow_sequence, ULP_SUBFLOW_SEQUENCE) },
	{ .name = "subflow.offset",
	  .help = "offset of the subflow's sequence",
	  .type = FIELD_UNSIGNED,
	  .get = get_ulp_number,
	  ULP(offset, ULP_OFFSET) },
	{ .name = "subflow.length",
	  .help = "length of the mapping",
	  .type = FIELD_UNSIGNED,
	  .get = get_ulp_number,
	  ULP(length, ULP_LENGTH) },
};

const struct field_table field_inet_table = { rows, ARRAY_SIZE(rows) };
