/* SPDX-License-Identifier: Apache-2.0 */
#include "../base/rand.h"
#include "places.h"

#define FNV_PRIME 0x100000001b3ULL

static uint64_t secret;

void places_start(void)
{
	rand_bytes(&secret, sizeof secret);
}

unsigned place_of(const struct cardea_address *whose)
{
	uint64_t h = secret;

	for (size_t i = 0; i < sizeof whose->bytes; i++)
		h = (h ^ whose->bytes[i]) * FNV_PRIME;
	return (unsigned)((h ^ h >> 32) % PLACES);
}
