/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <net/if.h>
#include <stdbool.h>
#include "msg.h"

/** @file
 * Network addresses, and the choice of those that a browser is told: host candidates of an ICE-lite
 * server (RFC 8445, section 5.1). Pure functions but for addr_interfaces(); any thread. */

/** Where a datagram came from and where it arrived; an answer takes the same path back. */
struct path {
	struct addr local, remote;
};

bool addr_equal(const struct addr *a, const struct addr *b);   /**< with the port */
bool addr_same_ip(const struct addr *a, const struct addr *b); /**< without it */
socklen_t addr_len(const struct addr *a);
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
bool addr_parse(struct addr *out, const char *ip); /**< port 0; no brackets */
const char *addr_ip(const struct addr *a, char out[INET6_ADDRSTRLEN]);
#define ADDR_TEXT 64
/** "192.0.2.1:10000", "[2001:db8::1]:10000", "-" for none. @return out */
const char *addr_text(const struct addr *a, char out[ADDR_TEXT]);
bool path_equal(
	const struct path *a, const struct path *b); /**< local addresses without their port */
/** A hash of all that path_equal() looks at. @param key secret, so that nobody can aim at one
 * bucket */
uint64_t path_hash(const struct path *p, uint64_t key);

/** One address of an interface. */
struct addr_if {
	char name[IF_NAMESIZE];
	bool is_loopback;
	struct addr addr;
};
/** Addresses of the interfaces that are up. @return how many were written, at most @p max. */
unsigned addr_interfaces(struct addr_if *out, unsigned max);

#define ADDR_ITEM 256 /**< a host name and a NUL */
/** Cut the next item out of a comma separated list. @return what is behind it, NULL: there was none
 */
const char *addr_next_item(const char *list, char *item, size_t size);
/** Is it the name of the interface, or a prefix of that or of the address as text? */
bool addr_item_matches(const char *item, const struct addr_if *i);

struct addr_conf {
	bool ipv6, ipv6_linklocal;
	const char *enforce_list,
		*ignore_list; /**< names or address prefixes, comma separated; NULL: none */
	const char *nat_1_1;  /**< public addresses, comma separated; NULL: none */
	bool keep_private_host;
};
#define ADDR_MAX 32
/** The addresses to offer, best first. */
struct addr_list {
	unsigned n;
	bool is_last_resort; /**< loopback, unasked for: there is nothing else */
	struct {
		struct addr addr;    /**< port 0 */
		unsigned foundation; /**< the number of the interface address behind it, from 1 */
		bool is_mapped;      /**< a public address of a 1:1 NAT */
	} at[ADDR_MAX];
};
/** Choose among @p n interface addresses. Loopback is left out unless the enforce list names it or
 * nothing else is there; without an ignore list `vmnet` is ignored. A public address replaces the
 * private ones of its family, or comes before them with keep_private_host. */
void addr_choose(
	struct addr_list *out, const struct addr_conf *conf, const struct addr_if *ifs, unsigned n);
bool addr_list_equal(const struct addr_list *a, const struct addr_list *b);
#define ADDR_CANDIDATE 128
/** Candidate @p i as after "a=candidate:". @return out */
const char *addr_candidate(
	const struct addr_list *l, unsigned i, uint16_t port, char out[ADDR_CANDIDATE]);
