/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses offered follow the network: seen in one of the test's own, which has nothing but a
 * loopback at first. Where such a network cannot be made (neither root nor user namespaces), there
 * is nothing to be seen. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare */
#endif
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../core/base/clock.h"
#include "../../core/base/loop.h"
#include "../../core/rtc/candidates.h"

#define WAIT_US (5 * US_PER_S)

static struct loop *loop;

static void run(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

static bool has_own_network(void)
{
	return (!unshare(CLONE_NEWNET) || !unshare(CLONE_NEWUSER | CLONE_NEWNET)) &&
	       !system("ip link set lo up 2>/dev/null && ip link add v0 type veth peer name v1 "
		       "2>/dev/null");
}

/* Turn the loop until the address for o= and c= lines is this one. */
static void offers(const char *address)
{
	int64_t end = clock_now_us() + WAIT_US;
	while (strcmp(candidates_address(), address) != 0 && clock_now_us() < end) {
		loop_turn(loop, clock_now_us());
		poll(NULL, 0, 5);
	}
	assert_string_equal(candidates_address(), address);
}

static void follow_the_network(void **state)
{
	static const uint16_t ports[] = { 10000, 10001 };
	const struct addr_conf conf = { .ipv6 = true };
	(void)state;
	if (!has_own_network())
		skip();
	loop = loop_create("test");
	assert_int_equal(candidates_start(&conf, ports, 2), OK);
	assert_string_equal(candidates_address(), "127.0.0.1");
	run("ip addr add 192.0.2.7/24 dev v0 && ip link set v0 up"); /* before there are notices */
	candidates_follow(loop);
	assert_string_equal(candidates_address(), "192.0.2.7");

	run("ip addr del 192.0.2.7/24 dev v0 && ip addr add 198.51.100.9/24 dev v0 && "
	    "ip addr add 2001:db8::9/64 dev v0 nodad");
	offers("198.51.100.9");
	assert_string_equal(candidates_get(1, 0), "1 1 udp 2130706431 198.51.100.9 10001 typ host");
	assert_string_equal(candidates_get(0, 1), "2 1 udp 2130706175 2001:db8::9 10000 typ host");
	assert_null(candidates_get(0, 2));
	run("ip link set v0 down");
	offers("127.0.0.1");
	run("ip link set lo down");
	offers("0.0.0.0");
	assert_null(candidates_get(0, 0));
	run("ip link set lo up && ip link set v0 up");
	offers("198.51.100.9");
	candidates_stop();
	loop_destroy(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follow_the_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
