/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <cardea/transport.h>

/** @file
 * Memory that a client makes the host keep: of a message that is not whole yet, and for what it
 * does not read. A little of each connection is free; of the rest there is a bound for all, and
 * half of that for an address. Web thread. */
#define BULK_FREE    (16u << 10)
#define BULK_ALL     (256u << 20)
#define BULK_ADDRESS (BULK_ALL / 2)

struct bulk {
	unsigned place; /* of its address */
	size_t bytes;   /* that count */
};

void bulk_start(void);
void bulk_begin(struct bulk *b, const struct cardea_address *whose);
/** It keeps @p bytes now. Less is always possible, and 0 ends it.
 *  @return false: there is no room, and nothing has changed */
bool bulk_set(struct bulk *b, size_t bytes);
