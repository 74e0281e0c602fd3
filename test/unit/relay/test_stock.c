/* SPDX-License-Identifier: MIT */
/* What is lent comes back, and only so much is kept or lent. */

#include "relay/stock.h"

#include "net/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

enum { BYTES = 1000 };

static struct stock stock;

static int setup(void **state)
{
	(void)state;
	stock_init(&stock, BYTES);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stock_done(&stock);
	return 0;
}

static void test_blocks(void **state)
{
	char *blocks[STOCK_SPARE + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		blocks[i] = stock_take_block(&stock);
		assert_int_equal((uintptr_t)blocks[i] % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
		blocks[i][BYTES - 1] = 'x';
	}
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
		stock_give_block(&stock, blocks[i]);
	assert_int_equal(stock.n_blocks, STOCK_SPARE);
	assert_ptr_equal(stock_take_block(&stock), blocks[STOCK_SPARE - 1]);
	stock_give_block(&stock, blocks[STOCK_SPARE - 1]);
}

static void test_ducts(void **state)
{
	struct duct *duct = stock_take_duct(&stock);

	(void)state;
	assert_non_null(duct);
	assert_true(duct->size >= DUCT_SIZE_MIN);
	assert_true(fcntl(duct->in, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(duct->out, F_GETFD) & FD_CLOEXEC);
	stock_give_duct(&stock, duct);
	assert_ptr_equal(stock_take_duct(&stock), duct);
	assert_int_equal(stock.n_ducts, 0);
	duct->len = 1; /* somebody's data is in it */
	stock_give_duct(&stock, duct);
	assert_int_equal(stock.n_ducts, 0);
}

static void test_most_ducts(void **state)
{
	static struct duct *ducts[STOCK_DUCTS];
	size_t n = 0;

	(void)state;
	while (n < STOCK_DUCTS && (ducts[n] = stock_take_duct(&stock)))
		n++;
	assert_true(n > 0); /* the system may allow fewer */
	assert_null(stock_take_duct(&stock));
	stock_give_duct(&stock, ducts[--n]);
	assert_non_null(ducts[n] = stock_take_duct(&stock));
	n++;
	while (n)
		stock_give_duct(&stock, ducts[--n]);
	assert_int_equal(stock.n_ducts, STOCK_SPARE);
	assert_int_equal(stock.lent_ducts, 0);
}

/* A kernel that has refused is not asked for each block. */
static void test_patience(void **state)
{
	struct rlimit limit, none;
	struct duct *duct;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_null(stock_take_duct(&stock));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int i = 0; i < STOCK_PATIENCE; i++)
		assert_null(stock_take_duct(&stock));
	duct = stock_take_duct(&stock);
	assert_non_null(duct);
	stock_give_duct(&stock, duct);
}

/* A kernel that gives its small pipes only: fs.pipe-user-pages-soft is used up. */
static int pipe_size; /* 0: as the kernel says */

int fcntl(int fd, int command, ...)
{
	va_list list;
	long argument;

	va_start(list, command);
	argument = va_arg(list, long);
	va_end(list);
	if (command == F_SETPIPE_SZ && pipe_size) {
		errno = EPERM;
		return argument <= pipe_size ? (int)argument : -1;
	}
	return (int)syscall(SYS_fcntl, fd, command, argument);
}

static void test_small_pipes(void **state)
{
	struct duct *duct;

	(void)state;
	pipe_size = DUCT_SIZE / 4;
	duct = stock_take_duct(&stock);
	assert_non_null(duct);
	assert_int_equal(duct->size, DUCT_SIZE / 4);
	pipe_size = DUCT_SIZE_MIN - 1;
	assert_null(stock_take_duct(&stock));
	assert_int_equal(stock.patience, STOCK_PATIENCE);
	assert_int_equal(stock.lent_ducts, 1);
	pipe_size = 0;
	stock_give_duct(&stock, duct);
}

static void test_batches(void **state)
{
	struct net_batch *batches[STOCK_SPARE + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(batches); i++)
		batches[i] = stock_take_batch(&stock);
	batches[0]->n = 1; /* somebody's packets are in it */
	for (size_t i = 0; i < ARRAY_SIZE(batches); i++)
		stock_give_batch(&stock, batches[i]);
	assert_int_equal(stock.n_batches, STOCK_SPARE);
	assert_int_equal(batches[0]->n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_blocks), TEST(test_ducts), TEST(test_most_ducts), TEST(test_patience),
		TEST(test_small_pipes), TEST(test_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
