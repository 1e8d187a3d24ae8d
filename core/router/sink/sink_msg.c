/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "sink_msg.h"

const struct sink_packet *sink_next(
	const struct sink_record *r, size_t n, const struct sink_packet *p)
{
	const uint8_t *end = (const uint8_t *)r + n;
	const uint8_t *at =
		p ? sink_rtp(p) + ((p->len + 7u) & ~7u) : (const uint8_t *)r + SINK_HEAD;
	return at + sizeof *p <= end ? (const struct sink_packet *)(const void *)at : NULL;
}
