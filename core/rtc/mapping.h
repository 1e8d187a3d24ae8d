/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/** @file
 * nat_1_1_mapping: public addresses, as they are written or by the names of hosts that have them.
 * Looks names up, which blocks: before any thread is started. */

#define MAPPING_WHY 256

/** Turn a comma separated list of addresses and host names into addresses, in order.
 *  @param ipv6 names may stand for those, too
 *  @param out the addresses, comma separated
 *  @param found is called for each mistake (is_error), or what is strange but possible
 *  @return false: there was a mistake */
bool mapping_read(const char *list, bool ipv6, char *out, size_t size,
	void (*found)(void *arg, bool is_error, const char *text), void *arg);
