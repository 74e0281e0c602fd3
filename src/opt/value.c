/* SPDX-License-Identifier: MIT */
/* Value types: text to typed value, to the last character.  The wording of the
 * two number errors is classic's; scripts look for it. */

#include "opt/opt.h"

#include "base/num.h"
#include "base/str.h"
#include "opt/dalan.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>

static int number_error(int r, const char *name, const struct spec_word *text, struct err *err)
{
	if (r == -EINVAL)
		return err_at(err, text->at, text->width, r,
			      "parseopts(): missing numerical value of option \"%s=%s\"", name,
			      text->text);
	if (r == -E2BIG)
		return err_at(err, text->at, text->width, -EINVAL,
			      "trailing garbage in numerical arg of option \"%s\"", name);
	return err_at(err, text->at, text->width, r, "option \"%s\": value %s is out of range",
		      name, text->text);
}

static int parse_number(const char *name, const struct spec_word *text, long long min,
			long long max, struct opt_value *ret, struct err *err)
{
	int r;

	if (!text) {
		ret->number[0] = 1;
		return 0;
	}
	r = num_parse_c(text->text, min, max, &ret->number[0]);
	return r < 0 ? number_error(r, name, text, err) : 0;
}

#define NUMBER_TYPE(type, text_name, min, max)                                                     \
	static int parse_##type(const char *name, const struct spec_word *text,                    \
				struct opt_value *ret, struct err *err)                            \
	{                                                                                          \
		return parse_number(name, text, min, max, ret, err);                               \
	}                                                                                          \
	const struct opt_value_type value_##type = { text_name, true, parse_##type }

NUMBER_TYPE(bool, "BOOL", LONG_MIN, LONG_MAX);
NUMBER_TYPE(byte, "BYTE", 0, UINT8_MAX);
NUMBER_TYPE(ushort, "UNSIGNED-SHORT", 0, UINT16_MAX);
NUMBER_TYPE(int, "INT", INT_MIN, UINT_MAX);
NUMBER_TYPE(uint, "UNSIGNED-INT", 0, UINT_MAX);
NUMBER_TYPE(size, "SIZE_T", 0, LONG_MAX);
NUMBER_TYPE(long, "LONG", LONG_MIN, LONG_MAX);
NUMBER_TYPE(off32, "OFF32", INT_MIN, INT_MAX);
NUMBER_TYPE(off64, "OFF64", LONG_MIN, LONG_MAX);

static int parse_const(const char *name, const struct spec_word *text, struct opt_value *ret,
		       struct err *err)
{
	if (text)
		return err_at(err, text->at, text->width, -EINVAL,
			      "no value permitted for option \"%s\"", name);
	ret->number[0] = 1;
	return 0;
}

static int parse_int_or_empty(const char *name, const struct spec_word *text,
			      struct opt_value *ret, struct err *err)
{
	if (text && text->len == 0)
		return 0;
	return parse_int(name, text, ret, err);
}

static int parse_mode(const char *name, const struct spec_word *text, struct opt_value *ret,
		      struct err *err)
{
	unsigned int mode;
	int r = num_parse_octal(text->text, 07777, &mode);

	if (r < 0)
		return number_error(r, name, text, err);
	ret->number[0] = mode;
	return 0;
}

static bool begins_with_digit(const struct spec_word *text)
{
	return text->text[0] >= '0' && text->text[0] <= '9';
}

static int parse_uid(const char *name, const struct spec_word *text, struct opt_value *ret,
		     struct err *err)
{
	const struct passwd *entry;

	if (begins_with_digit(text))
		return parse_number(name, text, 0, UINT_MAX, ret, err);
	entry = getpwnam(text->text);
	if (!entry)
		return err_at(err, text->at, text->width, -EINVAL, "getpwnam(\"%s\"): no such user",
			      text->text);
	ret->number[0] = entry->pw_uid;
	return 0;
}

static int parse_gid(const char *name, const struct spec_word *text, struct opt_value *ret,
		     struct err *err)
{
	const struct group *entry;

	if (begins_with_digit(text))
		return parse_number(name, text, 0, UINT_MAX, ret, err);
	entry = getgrnam(text->text);
	if (!entry)
		return err_at(err, text->at, text->width, -EINVAL,
			      "getgrnam(\"%s\"): no such group", text->text);
	ret->number[0] = entry->gr_gid;
	return 0;
}

static int parse_string(const char *name, const struct spec_word *text, struct opt_value *ret,
			struct err *err)
{
	(void)name;
	(void)err;
	if (text)
		ret->text = str_copy_n(text->text, text->len);
	return 0;
}

static int parse_time(const char *name, const struct spec_word *text, struct opt_value *ret,
		      struct err *err)
{
	int64_t us = 0;
	int r = num_parse_seconds(text->text, &us);

	if (r == 0 && us < 0)
		r = -ERANGE;
	if (r < 0)
		return number_error(r, name, text, err);
	ret->number[0] = us;
	return 0;
}

/* Cuts the leading numbers off "1:2:rest"; *ret_rest is the rest's offset. */
static int parse_numbers(const char *name, const struct spec_word *text, size_t count,
			 struct opt_value *ret, size_t *ret_rest, struct err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		size_t len = strcspn(text->text + at, ":");
		auto_free char *part = str_copy_n(text->text + at, len);
		int r = num_parse_c(part, INT_MIN, UINT_MAX, &ret->number[i]);

		if (r < 0)
			return number_error(r, name, text, err);
		if (!text->text[at + len])
			return err_at(err, text->at, text->width, -EINVAL,
				      "option \"%s\": missing \":\" and %s in \"%s\"", name,
				      i + 1 < count ? "the next number" : "the value", text->text);
		at += len + 1;
	}
	*ret_rest = at;
	return 0;
}

static int parse_last_number(const char *name, const struct spec_word *text, size_t count,
			     struct opt_value *ret, struct err *err)
{
	size_t rest;
	int r;

	r = parse_numbers(name, text, count, ret, &rest, err);
	if (r < 0)
		return r;
	r = num_parse_c(text->text + rest, INT_MIN, UINT_MAX, &ret->number[count]);
	return r < 0 ? number_error(r, name, text, err) : 0;
}

static int parse_last_binary(const char *name, const struct spec_word *text, size_t count,
			     struct opt_value *ret, struct err *err)
{
	uint8_t data[OPT_BINARY_MAX];
	size_t rest = 0;
	int r = 0;

	if (count)
		r = parse_numbers(name, text, count, ret, &rest, err);
	if (r < 0)
		return r;
	r = dalan_parse(text->text + rest, data, sizeof(data), &ret->len, err);
	if (r < 0) {
		err_add(err, " in option \"%s\"", name);
		return r;
	}
	ret->text = mem_copy(data, ret->len);
	return 0;
}

static int parse_last_string(const char *name, const struct spec_word *text, size_t count,
			     struct opt_value *ret, struct err *err)
{
	size_t rest;
	int r;

	r = parse_numbers(name, text, count, ret, &rest, err);
	if (r < 0)
		return r;
	ret->text = str_copy(text->text + rest);
	ret->len = strlen(ret->text);
	return 0;
}

#define PARTS_TYPE(type, text_name, last, count)                                                   \
	static int parse_##type(const char *name, const struct spec_word *text,                    \
				struct opt_value *ret, struct err *err)                            \
	{                                                                                          \
		return parse_last_##last(name, text, count, ret, err);                             \
	}                                                                                          \
	const struct opt_value_type value_##type = { text_name, false, parse_##type }

PARTS_TYPE(int_int, "INT:INT", number, 1);
PARTS_TYPE(int_ulong, "INT:ULONG", number, 1);
PARTS_TYPE(int_intp, "INT:INTP", number, 1);
PARTS_TYPE(int_binary, "INT:BIN", binary, 1);
PARTS_TYPE(int_string, "INT:STRING", string, 1);
PARTS_TYPE(int_int_int, "INT:INT:INT", number, 2);
PARTS_TYPE(int_int_binary, "INT:INT:BIN", binary, 2);
PARTS_TYPE(int_int_string, "INT:INT:STRING", string, 2);
PARTS_TYPE(binary, "BIN", binary, 0);

const struct opt_value_type value_const = { "CONST", true, parse_const };
const struct opt_value_type value_int_or_empty = { "INT/EMPTY", true, parse_int_or_empty };
const struct opt_value_type value_mode = { "MODE_T", false, parse_mode };
const struct opt_value_type value_uid = { "UID_T", false, parse_uid };
const struct opt_value_type value_gid = { "GID_T", false, parse_gid };
const struct opt_value_type value_string = { "STRING", false, parse_string };
const struct opt_value_type value_string_optional = { "STRING-NULL", true, parse_string };
const struct opt_value_type value_filename = { "FILENAME", false, parse_string };
const struct opt_value_type value_ip4_name = { "IP4NAME", false, parse_string };
const struct opt_value_type value_ip4_socket = { "IP4SOCK", false, parse_string };
const struct opt_value_type value_ip_mreqn = { "IP-MREQN", false, parse_string };
const struct opt_value_type value_ip_mreq_source = { "IP-MREQ-SOURCE", false, parse_string };
const struct opt_value_type value_group_source = { "GROUP-SOURCE-REQ", false, parse_string };
const struct opt_value_type value_timeval = { "STRUCT-TIMEVAL", false, parse_time };
const struct opt_value_type value_timespec = { "STRUCT-TIMESPEC", false, parse_time };
const struct opt_value_type value_linger = { "STRUCT-LINGER", false, parse_int };
