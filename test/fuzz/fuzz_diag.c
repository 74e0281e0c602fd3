/* SPDX-License-Identifier: MIT */
/* One sock_diag answer: the first byte chooses the family, the rest is the
 * payload; what it says is printed with all details. */

#include "diag/family.h"
#include "diag/storage.h"
#include "report/report.h"
#include "report/text.h"

#include <fcntl.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAYLOAD_MAX = 1 << 16 };

static int put_map_value(void *context, const struct sock_storage *storage, bool one_line,
			 struct text *text)
{
	(void)context;
	(void)one_line;
	text_bytes(text, storage->value.data, storage->value.len);
	return storage->map_id % 2 ? 0 : -1;
}

static struct report *open_report(void)
{
	static const struct diag_places places = { .root = "/nowhere" };
	const struct report_options options = {
		.numeric = true,
		.timers = true,
		.memory = true,
		.info = true,
		.extended = true,
		.packet_filter = true,
		.processes = true,
		.tos = true,
		.socket_options = true,
		.tipc_info = true,
		.tables = TABLES_ALL,
		.states = STATES_ALL,
		.places = &places,
		.map_value = put_map_value,
	};

	return report_new(&options, open("/dev/null", O_WRONLY | O_CLOEXEC));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct diag_family *const families[] = {
		&diag_tcp,   &diag_udp,	 &diag_raw,   &diag_unix, &diag_packet, &diag_netlink,
		&diag_mptcp, &diag_sctp, &diag_vsock, &diag_xdp,  &diag_tipc
	};
	static struct report *report;
	static _Alignas(8) char payload[PAYLOAD_MAX];
	struct sock_record record = { 0 };
	const struct diag_family *family;

	if (!report)
		report = open_report();
	if (size < 1 || size > PAYLOAD_MAX)
		return 0;
	family = families[data[0] % ARRAY_SIZE(families)];
	memcpy(payload, data + 1, size - 1); /* aligned, as messages are */
	record.table = family->table;
	if (family->decode(payload, size - 1, &record) == 0) {
		record.interface = 0; /* these two ask the kernel */
		record.has &= ~(uint32_t)HAS_CGROUP;
		report_row(report, &record);
		(void)report_end(report);
	}
	return 0;
}
