/* SPDX-License-Identifier: Apache-2.0 */
#include "payloads.h"

uint8_t *payloads_next(struct payloads *p)
{
	if (p->len)
		p->fn(p->arg, p->waits, p->len, false);
	p->len = 0;
	return p->waits;
}

void payloads_end(struct payloads *p)
{
	if (p->len)
		p->fn(p->arg, p->waits, p->len, true);
	p->len = 0;
}
