/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/** @file
 * How often each address may ask: buckets that fill with time. turn_page.c asks it. There is a
 * fixed number of them, found by a keyed hash: addresses that meet in one share it. IPv6 addresses
 * count by their network of 64 bits. One thread. */
struct rate;

/** @param per_s that each may ask for long; ten times as many at once. @return never NULL */
struct rate *rate_create(unsigned per_s);
void rate_destroy(struct rate *r); /**< NULL is fine. */
/** @param ip as text
 *  @return 0: go on; or the seconds until it may ask again */
unsigned rate_ask(struct rate *r, const char *ip, int64_t now_us);
