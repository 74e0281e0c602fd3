/* SPDX-License-Identifier: MIT */
/* Reading recorded netlink messages.  Nothing about the bytes is trusted. */

#include "diag/dumpfile.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

int dumpfile_next(struct dumpfile *file, const void **ret_payload, size_t *ret_len)
{
	const char *message = file->data + file->at;
	size_t left = file->len - file->at;
	struct nlmsghdr header;
	int code = 0;

	if (left < sizeof(header))
		return -ENODATA;
	memcpy(&header, message, sizeof(header));
	if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > left)
		return -ENODATA;

	file->at += MIN((size_t)NLMSG_ALIGN((size_t)header.nlmsg_len), left);
	*ret_payload = message + sizeof(header);
	*ret_len = header.nlmsg_len - sizeof(header);
	if (header.nlmsg_type == NLMSG_DONE)
		return DUMPFILE_END;
	if (header.nlmsg_type != NLMSG_ERROR)
		return DUMPFILE_MESSAGE;

	if (*ret_len >= sizeof(code))
		memcpy(&code, *ret_payload, sizeof(code));
	return code < 0 ? code : -EBADMSG;
}
