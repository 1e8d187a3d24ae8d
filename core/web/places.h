/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * Tables of what addresses have: each address has a place in them, which it may share with another.
 * Which one it is nobody else can know, as clients choose addresses. Web thread. */
#define PLACES 4096

void places_start(void);
/** @return less than PLACES */
unsigned place_of(const struct cardea_address *whose);
