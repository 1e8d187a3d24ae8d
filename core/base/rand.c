/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include "rand.h"

void rand_bytes(void *out, size_t len)
{
	uint8_t *p = out;
	while (len) {
		ssize_t n = getrandom(p, len, 0);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			abort(); /* no secret may ever be made of anything weaker */
		}
		p += n;
		len -= (size_t)n;
	}
}

uint32_t rand_u32(void)
{
	uint32_t v;
	rand_bytes(&v, sizeof v);
	return v;
}

uint64_t rand_id53(void)
{
	uint64_t v;
	do {
		rand_bytes(&v, sizeof v);
		v &= (1ULL << 53) - 1;
	} while (!v);
	return v;
}

void rand_ice_chars(char *out, size_t len)
{
	static const char chars[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	rand_bytes(out, len);
	for (size_t i = 0; i < len; i++)
		out[i] = chars[(uint8_t)out[i] & 63];
	out[len] = 0;
}
