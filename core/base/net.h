/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/** @file
 * Addresses and networks as texts name them: "192.0.2.1", "2001:db8::/32". IPv4 is told apart from
 * IPv6 by its mapped form (RFC 4291, 2.5.5.2). Any thread. */
#define NET_BYTES 16
#define NET_TEXT  64 /**< room for an address as text */

struct net {
	unsigned char at[NET_BYTES];
	unsigned bits;
};

/** @return false when the first @p len bytes are no address. "[::1]" and a port behind are fine. */
bool net_address(const char *text, size_t len, unsigned char out[NET_BYTES]);
/** The next of a list of addresses and networks with commas or blanks between. @param list is moved
 *  behind it
 *  @return 1: there was one, 0: no more, -1: what is there, up to *list, is none */
int net_next(const char **list, struct net *out);
bool net_has(const struct net *n, const unsigned char ip[NET_BYTES]);
bool net_is_loopback(const unsigned char ip[NET_BYTES]);
/** As text, IPv4 in its own form. @p size at least NET_TEXT */
void net_text(const unsigned char ip[NET_BYTES], char *out, size_t size);
