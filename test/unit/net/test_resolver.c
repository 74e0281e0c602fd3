/* SPDX-License-Identifier: MIT */
/* The resolver's state: changed as told, put back as it was, one thread's only. */

#include "net/resolver.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct net_resolver everything = {
	.on = RES_USEVC | RES_STAYOPEN | RES_DEBUG,
	.off = RES_RECURSE,
	.has_wait = true,
	.wait = 17,
	.has_tries = true,
	.tries = 3,
	.server = { .in = { .sin_family = AF_INET, .sin_port = 0x1234, .sin_addr.s_addr = 9 },
		    .len = sizeof(struct sockaddr_in) },
};

static void check_everything(void)
{
	assert_int_equal(_res.options & (RES_USEVC | RES_STAYOPEN | RES_DEBUG | RES_RECURSE),
			 RES_USEVC | RES_STAYOPEN | RES_DEBUG);
	assert_int_equal(_res.retrans, 17);
	assert_int_equal(_res.retry, 3);
	assert_int_equal(_res.nscount, 1);
	assert_int_equal(_res.nsaddr_list[0].sin_addr.s_addr, 9);
	assert_int_equal(_res.nsaddr_list[0].sin_port, 0x1234);
}

static void test_there_and_back(void **state)
{
	struct net_resolver_saved saved;
	struct __res_state before;

	(void)state;
	assert_int_equal(res_init(), 0);
	before = _res;
	assert_int_equal(net_resolver_enter(&everything, &saved), 0);
	check_everything();
	net_resolver_leave(&saved);
	assert_int_equal(_res.options, before.options);
	assert_int_equal(_res.retrans, before.retrans);
	assert_int_equal(_res.retry, before.retry);
	assert_int_equal(_res.nscount, before.nscount);
	assert_memory_equal(&_res.nsaddr_list[0], &before.nsaddr_list[0],
			    sizeof(before.nsaddr_list[0]));
}

static void test_nothing_said(void **state)
{
	static const struct net_resolver nothing = { 0 };
	struct net_resolver_saved saved;

	(void)state;
	assert_int_equal(net_resolver_enter(&nothing, &saved), 0);
	assert_false(saved.changed);
	net_resolver_leave(&saved);
}

static void *look_at_state(void *arg)
{
	int *wait = arg;

	(void)res_init();
	*wait = _res.retrans;
	return NULL;
}

static void test_other_threads(void **state)
{
	struct net_resolver_saved saved;
	pthread_t thread;
	int wait = 17;

	(void)state;
	assert_int_equal(net_resolver_enter(&everything, &saved), 0);
	assert_int_equal(pthread_create(&thread, NULL, look_at_state, &wait), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_not_equal(wait, 17);
	net_resolver_leave(&saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_nothing_said),
		cmocka_unit_test(test_other_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
