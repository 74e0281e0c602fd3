/* SPDX-License-Identifier: MIT */
/* Values that are no hosts: devices, marks, control groups. */

#include "base/num.h"
#include "base/str.h"
#include "filter/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A name, "if7" for an index without one, or a number. */
static int device_value(const char *text, const struct filter_context *context,
			struct filter_node *ret, struct err *err)
{
	long long number;
	uint64_t index;

	ret->kind = FILTER_DEVICE;
	if (context->number(context->context, FILTER_NAME_DEVICE, text, &index, NULL) == 0) {
		ret->device = (uint32_t)index;
		return 0;
	}
	if ((str_begins(text, "if") && num_parse_decimal(text + 2, 1, UINT32_MAX, &number) == 0) ||
	    num_parse_c(text, 0, UINT32_MAX, &number) == 0) {
		ret->device = (uint32_t)number;
		return 0;
	}
	return err_set(err, -EINVAL, "Cannot parse device.");
}

/* The number at the beginning of a text, cut to 32 bits; NULL: there is none. */
static const char *leading_number(const char *text, uint32_t *ret)
{
	char *end;
	long long value = strtoll(text, &end, 0);

	*ret = (uint32_t)value;
	return end == text ? NULL : end;
}

/* "MARK" or "MARK/MASK".  Letters after the last number have never mattered. */
static int mark_value(const char *text, struct filter_node *ret, struct err *err)
{
	const char *rest = leading_number(text, &ret->mark.value);

	ret->kind = FILTER_MARK;
	ret->mark.mask = UINT32_MAX;
	if (!rest || (strchr(text, '/') &&
		      (*rest != '/' || !leading_number(rest + 1, &ret->mark.mask))))
		return err_set(err, -EINVAL, "Cannot parse mark %s.", text);
	return 0;
}

static int cgroup_value(const char *text, const struct filter_context *context,
			struct filter_node *ret, struct err *err)
{
	struct err cause = { 0 };

	ret->kind = FILTER_CGROUP;
	if (context->number(context->context, FILTER_NAME_CGROUP, text, &ret->cgroup, &cause) == 0)
		return 0;
	return err_set(err, -EINVAL, "%s%sCannot parse cgroup %s.", cause.text,
		       cause.text[0] ? "\n" : "", text);
}

int filter_value(char *text, enum filter_token keyword, const struct filter_context *context,
		 int *family, struct filter_node *ret, struct err *err)
{
	int r;

	*ret = (struct filter_node){ 0 };
	switch (keyword) {
	case TOKEN_DEV:
		r = device_value(text, context, ret, err);
		break;
	case TOKEN_FWMARK:
		r = mark_value(text, ret, err);
		break;
	case TOKEN_CGROUP:
		r = cgroup_value(text, context, ret, err);
		break;
	default:
		return filter_host_value(text, keyword == TOKEN_SPORT || keyword == TOKEN_DPORT,
					 context, family, ret, err);
	}
	*family = AF_UNSPEC; /* these name none */
	return r;
}
