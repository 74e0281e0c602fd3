/* SPDX-License-Identifier: MIT */
/* Shared actions; see action.h. */

#include "opt/action.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

static int set(const struct option *o, int fd, int level, int name, const void *data, size_t len,
	       struct err *err)
{
	if (setsockopt(fd, level, name, data, (socklen_t)len) == 0)
		return 0;
	return err_set(err, -errno, "setsockopt(%d, %d, %d, {...}, %zu) for option \"%s\": %s", fd,
		       level, name, len, o->name, err_reason(-errno));
}

int opt_sockopt_int(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	int value = (int)o->value.number[0];

	(void)t;
	return set(o, fd, o->type->args.level, o->type->args.name, &value, sizeof(value), err);
}

int opt_sockopt_int_or_empty(const struct option *o, const struct opt_target *t, int fd,
			     struct err *err)
{
	if (o->value.given && o->value.len == 0)
		return 0;
	return opt_sockopt_int(o, t, fd, err);
}

int opt_sockopt_byte(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	uint8_t value = (uint8_t)o->value.number[0];

	(void)t;
	return set(o, fd, o->type->args.level, o->type->args.name, &value, sizeof(value), err);
}

int opt_sockopt_timeval(const struct option *o, const struct opt_target *t, int fd,
			struct err *err)
{
	struct timeval value = {
		.tv_sec = o->value.number[0] / CLOCK_US_PER_S,
		.tv_usec = o->value.number[0] % CLOCK_US_PER_S,
	};

	(void)t;
	return set(o, fd, o->type->args.level, o->type->args.name, &value, sizeof(value), err);
}

int opt_sockopt_linger(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct linger value = { .l_onoff = 1, .l_linger = (int)o->value.number[0] };

	(void)t;
	return set(o, fd, SOL_SOCKET, SO_LINGER, &value, sizeof(value), err);
}

int opt_sockopt_string(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	return set(o, fd, o->type->args.level, o->type->args.name, o->value.text,
		   strlen(o->value.text) + 1, err);
}

int opt_sockopt_user(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	const struct opt_value *v = &o->value;
	int number = (int)v->number[2];

	(void)t;
	if (o->type->value == &value_int_int_int)
		return set(o, fd, (int)v->number[0], (int)v->number[1], &number, sizeof(number),
			   err);
	return set(o, fd, (int)v->number[0], (int)v->number[1], v->text,
		   o->type->value == &value_int_int_string ? v->len + 1 : v->len, err);
}

int opt_file_flag(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	int flag = (int)o->type->args.bit;
	int flags = fcntl(fd, F_GETFL);

	(void)t;
	if (flags >= 0)
		flags = fcntl(fd, F_SETFL, o->value.number[0] ? flags | flag : flags & ~flag);
	if (flags < 0)
		return err_set(err, -errno, "fcntl(%d, F_SETFL, 0%o) for option \"%s\": %s", fd,
			       (unsigned int)flag, o->name, err_reason(-errno));
	return 0;
}

static void *place(const struct option *o, const struct opt_target *t)
{
	return (char *)t->settings + o->type->args.offset;
}

int opt_store_int(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	int value = (int)o->value.number[0];

	(void)fd;
	(void)err;
	memcpy(place(o, t), &value, sizeof(value));
	return 0;
}

int opt_store_bool(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	bool value = o->value.number[0] != 0;

	(void)fd;
	(void)err;
	memcpy(place(o, t), &value, sizeof(value));
	return 0;
}

int opt_store_mask(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	int value = (int)o->type->args.mask;

	(void)fd;
	(void)err;
	if (o->value.number[0])
		memcpy(place(o, t), &value, sizeof(value));
	return 0;
}

int opt_store_time(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	int64_t value = o->value.number[0];

	(void)fd;
	(void)err;
	memcpy(place(o, t), &value, sizeof(value));
	return 0;
}

/* The text stays the option's; the settings live as long as the list. */
int opt_store_text(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	const char *value = o->value.text ? o->value.text : "";

	(void)fd;
	(void)err;
	memcpy(place(o, t), &value, sizeof(value));
	return 0;
}
