/* SPDX-License-Identifier: MIT */
/* Values of options: every type takes or refuses every text, and says why.  The
 * first byte chooses the type. */

#include "opt/opt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct opt_value_type *const types[] = {
	&value_const,	   &value_bool,	      &value_byte,	      &value_ushort,
	&value_int,	   &value_int_or_empty, &value_uint,	      &value_size,
	&value_long,	   &value_off64,      &value_mode,	      &value_uid,
	&value_gid,	   &value_string,     &value_string_optional, &value_filename,
	&value_timeval,	   &value_timespec,   &value_linger,	      &value_int_int,
	&value_int_intp,   &value_int_binary, &value_int_string,      &value_int_int_int,
	&value_int_int_binary, &value_int_int_string, &value_binary, &value_int_ulong,
};

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void check_value(const struct opt_value_type *type, const struct opt_value *value)
{
	if (type == &value_byte)
		check(value->number[0] >= 0 && value->number[0] <= UINT8_MAX);
	if (type == &value_ushort)
		check(value->number[0] >= 0 && value->number[0] <= UINT16_MAX);
	if (type == &value_mode)
		check(value->number[0] >= 0 && value->number[0] <= 07777);
	if (type == &value_timeval || type == &value_timespec)
		check(value->number[0] >= 0);
	if (type == &value_binary || type == &value_int_binary || type == &value_int_int_binary)
		check(value->len <= OPT_BINARY_MAX);
	if (type == &value_int_string || type == &value_int_int_string)
		check(value->text && strlen(value->text) == value->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[SPEC_OPTION_MAX + 1];
	struct spec_word word = { .text = text, .at = 7 };
	struct opt_value value = { .given = true };
	const struct opt_value_type *type;
	struct err err = { 0 };
	int r;

	if (size < 1 || size > SPEC_OPTION_MAX)
		return 0;
	type = types[data[0] % ARRAY_SIZE(types)];
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	word.len = word.width = value.len = size - 1;

	r = type->parse("name", &word, &value, &err);
	if (r < 0)
		check(!value.text && *err.text && err.code == r);
	else
		check_value(type, &value);
	free(value.text);
	return 0;
}
