/* SPDX-License-Identifier: MIT */
/* Batches of UDP packets: boundaries, cutting, sending apart. */

#include "net/batch.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* sender -> relay -> receiver, connected. */
struct path {
	int sender, in, out, receiver;
	struct net_batch *batch;
};

static int bound(struct net_address *ret)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(net_address_parse("127.0.0.1", AF_INET, 0, ret), 0);
	assert_int_equal(bind(fd, &ret->any, ret->len), 0);
	assert_int_equal(net_address_local(fd, ret), 0);
	return fd;
}

static int setup(void **state)
{
	static struct path path;
	struct net_address in, sender, receiver, out;

	path.in = bound(&in);
	path.sender = bound(&sender);
	path.out = bound(&out);
	path.receiver = bound(&receiver);
	assert_int_equal(connect(path.sender, &in.any, in.len), 0);
	assert_int_equal(connect(path.out, &receiver.any, receiver.len), 0);
	path.batch = new_object(struct net_batch);
	assert_true(net_batch_prepare(path.in, path.out));
	*state = &path;
	return 0;
}

static int teardown(void **state)
{
	struct path *path = *state;

	(void)close(path->sender);
	(void)close(path->in);
	(void)close(path->out);
	(void)close(path->receiver);
	free(path->batch);
	return 0;
}

static void send_packet(const struct path *path, const char *text)
{
	assert_int_equal(send(path->sender, text, strlen(text), 0), strlen(text));
}

static void await(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 5000), 1);
}

static void expect_packet(const struct path *path, const char *text)
{
	char got[100];

	await(path->receiver);
	assert_int_equal(recv(path->receiver, got, sizeof(got), 0), strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static void take(struct path *path, size_t most)
{
	await(path->in);
	assert_int_equal(net_batch_receive(path->in, path->batch, most), 0);
}

static void forward(struct path *path, bool runs)
{
	assert_int_equal(net_batch_send(path->out, path->batch, NULL, &runs), 0);
	assert_true(net_batch_is_empty(path->batch));
}

static void test_packets_of_any_size(void **state)
{
	static const char *const texts[] = { "one", "", "three and a bit", "4" };
	struct path *path = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		send_packet(path, texts[i]);
	take(path, 100);
	assert_int_equal(path->batch->n, ARRAY_SIZE(texts));
	assert_true(path->batch->drained);
	forward(path, true);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		expect_packet(path, texts[i]);
	assert_int_equal(net_batch_receive(path->in, path->batch, 100), -EAGAIN);
}

/* As the kernel gives it. */
static void make_run(struct path *path, const char *data, size_t size)
{
	struct net_run *run = &path->batch->run[0];

	path->batch->at = 0;
	path->batch->n = 1;
	run->data = path->batch->memory[0];
	run->len = strlen(data);
	run->packet_size = size;
	memcpy(run->data, data, run->len);
}

static void test_run_is_sent_whole_or_apart(void **state)
{
	struct path *path = *state;

	for (int runs = 0; runs < 2; runs++) {
		make_run(path, "aaaabbbbcc", 4);
		assert_int_equal(net_run_packets(&path->batch->run[0]), 3);
		forward(path, runs);
		expect_packet(path, "aaaa");
		expect_packet(path, "bbbb");
		expect_packet(path, "cc");
	}
}

/* More packets than the kernel takes in one: refused, and sent apart. */
static void test_run_that_is_refused(void **state)
{
	struct path *path = *state;
	char data[601] = { 0 };
	bool runs = true;

	memset(data, 'x', 600);
	make_run(path, data, 1);
	assert_int_equal(net_batch_send(path->out, path->batch, NULL, &runs), 0);
	assert_false(runs);
	expect_packet(path, "x");
}

static void test_packets_are_cut(void **state)
{
	struct path *path = *state;

	send_packet(path, "too long");
	take(path, 3);
	forward(path, true);
	expect_packet(path, "too");
}

static bool is_from(void *context, const struct net_run *run)
{
	return net_address_equal(context, &run->from);
}

static void test_keeps_whom_it_is_told_to(void **state)
{
	struct path *path = *state;
	struct net_address sender, stranger;
	int fd = bound(&stranger);
	struct net_address in;

	assert_int_equal(net_address_local(path->in, &in), 0);
	assert_int_equal(net_address_local(path->sender, &sender), 0);
	send_packet(path, "first");
	assert_int_equal(sendto(fd, "foreign", 7, 0, &in.any, in.len), 7);
	send_packet(path, "second");
	(void)close(fd);
	take(path, 100);
	net_batch_keep(path->batch, is_from, &sender);
	forward(path, true);
	expect_packet(path, "first");
	expect_packet(path, "second");
}

static void test_only_udp(void **state)
{
	struct path *path = *state;
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	assert_false(net_batch_prepare(tcp, path->out));
	assert_false(net_batch_prepare(path->in, tcp));
	assert_int_equal(setsockopt(path->in, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), 0);
	assert_false(net_batch_prepare(path->in, path->out));
	(void)close(tcp);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_packets_of_any_size),	  TEST(test_run_is_sent_whole_or_apart),
		TEST(test_run_that_is_refused),	  TEST(test_packets_are_cut),
		TEST(test_keeps_whom_it_is_told_to), TEST(test_only_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
