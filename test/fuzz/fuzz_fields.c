/* SPDX-License-Identifier: MIT */
/* Messages of sock_diag as all fields there are: the first byte chooses the family, the rest is
 * a message. */

#include "diag/family.h"
#include "report/listing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void list(const struct sock_record *record, enum listing_format format, int fd)
{
	static const struct diag_places places = { .root = "/nowhere" };
	struct listing_options options = { .format = format };
	struct report_options report = { .numeric = true, .places = &places };
	auto_listing listing = listing_new(&options, &report, fd, NULL);

	listing_row(listing, record);
	(void)listing_end(listing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct diag_family *const families[] = {
		&diag_tcp,   &diag_udp,	 &diag_raw,   &diag_unix, &diag_packet, &diag_netlink,
		&diag_mptcp, &diag_sctp, &diag_vsock, &diag_xdp,  &diag_tipc,
	};
	const struct diag_family *family;
	struct sock_record record = { 0 };
	void *message;
	int fd;

	if (size < 1)
		return 0;
	family = families[data[0] % ARRAY_SIZE(families)];
	message = mem_new(1, size);
	memcpy(message, data + 1, size - 1);
	record.table = family->table;
	record.family = family->halves[0].family;
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (family->decode(message, size - 1, &record) == 0) {
		list(&record, LISTING_JSON_LINES, fd);
		list(&record, LISTING_COLUMNS, fd);
	}
	(void)close(fd);
	free(message);
	return 0;
}
