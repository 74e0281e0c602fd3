/* SPDX-License-Identifier: MIT */
/* The public face of the library; see include/sockbox.h.  Types and errors are
 * translated here, everything else happens in the rooms below. */

#include "sockbox.h"

#include "api/opened.h"
#include "base/str.h"
#include "relay/relay.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static_assert((int)SOCKBOX_READ == DIR_READ && (int)SOCKBOX_WRITE == DIR_WRITE, "same numbers");

enum { DEFAULT_BLOCK_SIZE = 8192 };

struct sockbox_address {
	char *text;
	char *type; /* canonical keyword */
};

struct sockbox_stream {
	struct opened opened;
};

static int report(struct sockbox_error *error, const struct err *err, int code)
{
	if (!error)
		return code;
	error->code = code;
	error->column = err->code ? err->column : -1;
	(void)snprintf(error->text, sizeof(error->text), "%s",
		       err->text[0] ? err->text : err_reason(code));
	return code;
}

static void fill_options(struct relay_options *options)
{
	*options = (struct relay_options){
		.left = DIR_BOTH,
		.closing_wait = -1,
		.idle_limit = -1,
		.dump_fd = -1,
		.version = SOCKBOX_VERSION,
		.address = { .program = "sockbox",
			     .env_prefix = "SOCKBOX_",
			     .block_size = DEFAULT_BLOCK_SIZE,
			     .prefer_family = AF_UNSPEC,
			     .listen_family = AF_UNSPEC },
	};
}

int sockbox_address_parse(const char *text, struct sockbox_address **ret_address,
			  struct sockbox_error *error)
{
	struct relay_options options;
	auto_address_pair pair = { 0 };
	struct err err = { .column = -1 };
	struct sockbox_address *address;
	const char *name;
	size_t len;
	int r;

	fill_options(&options);
	r = address_parse(text, &options.address, &pair, &err);
	if (r < 0)
		return report(error, &err, r);
	address = new_object(struct sockbox_address);
	address->text = str_copy(text);
	name = str_word(pair.part[0].type->names, &len);
	address->type = str_copy_n(name, len);
	*ret_address = address;
	return 0;
}

void sockbox_address_free(struct sockbox_address *address)
{
	if (!address)
		return;
	free(address->text);
	free(address->type);
	free(address);
}

const char *sockbox_address_type(const struct sockbox_address *address)
{
	return address->type;
}

int sockbox_open(const struct sockbox_address *address, enum sockbox_direction direction,
		 struct sockbox_stream **ret_stream, struct sockbox_error *error)
{
	struct sockbox_stream *stream = new_object(struct sockbox_stream);
	struct err err = { .column = -1 };
	int r;

	fill_options(&stream->opened.options);
	r = opened_open(&stream->opened, address->text, (enum addr_direction)direction, &err);
	if (r < 0) {
		free(stream);
		return report(error, &err, r);
	}
	*ret_stream = stream;
	return 0;
}

ssize_t sockbox_read(struct sockbox_stream *stream, void *buffer, size_t size)
{
	struct stream *s = opened_stream(&stream->opened);

	return s->rfd < 0 && !s->reading ? -EBADF : stream_read_wait(s, buffer, size);
}

int sockbox_write(struct sockbox_stream *stream, const void *data, size_t size)
{
	struct stream *s = opened_stream(&stream->opened);

	return s->wfd < 0 ? -EBADF : stream_write_all(s, data, size);
}

int sockbox_shutdown(struct sockbox_stream *stream)
{
	return stream_shut(opened_stream(&stream->opened));
}

int sockbox_descriptor(const struct sockbox_stream *stream, enum sockbox_direction direction)
{
	const struct stream *s = stream->opened.session.stream[0];

	return direction & SOCKBOX_READ ? s->rfd : s->wfd;
}

void sockbox_close(struct sockbox_stream *stream)
{
	if (!stream)
		return;
	opened_close(&stream->opened);
	free(stream);
}

int sockbox_relay(const char *left, const char *right,
		  const struct sockbox_relay_options *options, struct sockbox_error *error)
{
	struct relay_result result;
	struct relay_options relay;
	struct err err = { .column = -1 };
	int r;

	fill_options(&relay);
	if (options) {
		relay.closing_wait = options->closing_wait_us;
		relay.idle_limit = options->idle_limit_us > 0 ? options->idle_limit_us : -1;
		if (options->block_size)
			relay.address.block_size = options->block_size;
		if (options->left)
			relay.left = (enum addr_direction)options->left;
	}
	r = relay_run(&relay, left, right, &result, &err);
	if (r == 0 && result.failure == RELAY_PROGRAM)
		r = err_set(&err, -ECHILD, "a program of the relay failed");
	return r < 0 ? report(error, &err, r) : 0;
}
