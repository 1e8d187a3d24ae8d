/* SPDX-License-Identifier: Apache-2.0 */
#include "source_msg.h"

const struct source_packet *source_next(
	const struct source_record *r, size_t n, const struct source_packet *p)
{
	const uint8_t *end = (const uint8_t *)r + n;
	const uint8_t *at = p ? (const uint8_t *)p + source_room(p->len) : (const uint8_t *)(r + 1);
	if (end - at < (ptrdiff_t)sizeof *p)
		return NULL;
	p = (const struct source_packet *)(const void *)at;
	return (size_t)(end - at) < source_room(p->len) ? NULL : p;
}
