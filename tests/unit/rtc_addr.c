/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that are offered (core/rtc/addr.c): of interfaces that the test names. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../../core/rtc/addr.h"

static struct addr_if ifs[8];
static unsigned n_ifs;

static void add(const char *name, const char *ip, bool loopback)
{
	struct addr_if *i = &ifs[n_ifs++];
	memset(i, 0, sizeof(*i));
	strcpy(i->name, name);
	assert_true(addr_parse(&i->addr, ip));
	i->is_loopback = loopback;
}

static int machine(void **state)
{
	(void)state;
	n_ifs = 0;
	add("lo", "127.0.0.1", true);
	add("lo", "::1", true);
	add("eth0", "192.0.2.2", false);
	add("eth0", "2001:db8::2", false);
	add("eth0", "fe80::1", false);
	add("eth1", "198.51.100.7", false);
	add("vmnet1", "10.9.9.9", false);
	return 0;
}

/* The addresses chosen, as one text. */
static const char *choose(struct addr_conf c)
{
	static char text[512];
	struct addr_list l;
	char ip[INET6_ADDRSTRLEN];
	text[0] = 0;
	addr_choose(&l, &c, ifs, n_ifs);
	for (unsigned i = 0; i < l.n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, addr_ip(&l.at[i].addr, ip));
	}
	return text;
}

static void offers_what_is_up_but_not_loopback_nor_vmnet(void **state)
{
	(void)state;
	assert_string_equal(choose((struct addr_conf){ 0 }), "192.0.2.2 198.51.100.7");
	assert_string_equal(
		choose((struct addr_conf){ .ipv6 = true }), "192.0.2.2 198.51.100.7 2001:db8::2");
	assert_string_equal(choose((struct addr_conf){ .ipv6 = true, .ipv6_linklocal = true }),
		"192.0.2.2 198.51.100.7 2001:db8::2 fe80::1");
}

static void lists_name_interfaces_or_address_prefixes(void **state)
{
	(void)state;
	assert_string_equal(
		choose((struct addr_conf){ .ignore_list = "eth0" }), "198.51.100.7 10.9.9.9");
	assert_string_equal(
		choose((struct addr_conf){ .ignore_list = "vmnet, 192.0." }), "198.51.100.7");
	assert_string_equal(choose((struct addr_conf){ .enforce_list = "eth1" }), "198.51.100.7");
	assert_string_equal(choose((struct addr_conf){ .enforce_list = " 192.0.2.2 ,,198." }),
		"192.0.2.2 198.51.100.7");
	assert_string_equal(
		choose((struct addr_conf){ .enforce_list = "eth", .ignore_list = "eth1" }),
		"192.0.2.2");
	assert_string_equal(choose((struct addr_conf){ .enforce_list = "wlan" }), "");
}

static void offers_loopback_when_named_or_alone(void **state)
{
	(void)state;
	assert_string_equal(choose((struct addr_conf){ .enforce_list = "127.0.0.1" }), "127.0.0.1");
	assert_string_equal(
		choose((struct addr_conf){ .enforce_list = "lo,eth1" }), "127.0.0.1 198.51.100.7");
	assert_string_equal(choose((struct addr_conf){ .ignore_list = "eth,vmnet" }), "127.0.0.1");
}

static void tells_a_last_resort_from_a_choice(void **state)
{
	struct addr_list chosen, resort, again;
	(void)state;
	addr_choose(&chosen, &(struct addr_conf){ .enforce_list = "lo" }, ifs, n_ifs);
	addr_choose(&resort, &(struct addr_conf){ 0 }, ifs, 1);
	assert_int_equal(chosen.n, 1);
	assert_false(chosen.is_last_resort);
	assert_true(resort.is_last_resort);
	assert_false(addr_list_equal(&chosen, &resort));
	addr_choose(&again, &(struct addr_conf){ 0 }, ifs, 1);
	assert_true(addr_list_equal(&again, &resort));
	addr_choose(&again, &(struct addr_conf){ 0 }, ifs, n_ifs);
	assert_false(again.is_last_resort);
	assert_false(addr_list_equal(&again, &resort));
}

static void maps_public_addresses(void **state)
{
	struct addr_conf c = { .nat_1_1 = "203.0.113.5, 203.0.113.6", .ipv6 = true };
	struct addr_list l;
	char line[ADDR_CANDIDATE];
	(void)state;
	assert_string_equal(choose(c), "203.0.113.5 203.0.113.6 2001:db8::2");
	c.keep_private_host = true;
	assert_string_equal(
		choose(c), "203.0.113.5 203.0.113.6 192.0.2.2 198.51.100.7 2001:db8::2");
	addr_choose(&l, &c, ifs, n_ifs);
	assert_true(l.at[0].is_mapped);
	assert_string_equal(addr_candidate(&l, 0, 10000, line),
		"1 1 udp 2130706431 203.0.113.5 10000 typ host");
	assert_string_equal(addr_candidate(&l, 1, 10000, line),
		"1 1 udp 2130706175 203.0.113.6 10000 typ host");
	assert_string_equal(
		addr_candidate(&l, 2, 10000, line), "1 1 udp 2130705919 192.0.2.2 10000 typ host");
	assert_string_equal(addr_candidate(&l, 3, 10000, line),
		"2 1 udp 2130705663 198.51.100.7 10000 typ host");
}

static void paths_compare_without_the_local_port(void **state)
{
	struct path a = { 0 }, b;
	char text[ADDR_TEXT];
	(void)state;
	assert_true(addr_parse(&a.local, "192.0.2.1") && addr_parse(&a.remote, "2001:db8::1"));
	addr_set_port(&a.remote, 5000);
	b = a;
	addr_set_port(&b.local, 99);
	assert_true(path_equal(&a, &b));
	assert_int_equal(path_hash(&a, 1), path_hash(&b, 1));
	addr_set_port(&b.remote, 5001);
	assert_false(path_equal(&a, &b));
	assert_string_equal(addr_text(&a.remote, text), "[2001:db8::1]:5000");
	assert_string_equal(addr_text(&a.local, text), "192.0.2.1:0");
	assert_false(addr_parse(&a.local, "192.0.2.1000"));
	assert_string_equal(addr_text(&a.local, text), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(offers_what_is_up_but_not_loopback_nor_vmnet, machine),
		cmocka_unit_test_setup(lists_name_interfaces_or_address_prefixes, machine),
		cmocka_unit_test_setup(offers_loopback_when_named_or_alone, machine),
		cmocka_unit_test_setup(tells_a_last_resort_from_a_choice, machine),
		cmocka_unit_test_setup(maps_public_addresses, machine),
		cmocka_unit_test(paths_compare_without_the_local_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
