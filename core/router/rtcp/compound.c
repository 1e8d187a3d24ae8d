/* SPDX-License-Identifier: Apache-2.0 */
#include "compound.h"

void compound_open(struct rtcp_buf *b, const struct peer *p)
{
	rtcp_put_rr(b, p->our_ssrc, NULL, 0);
	if (!p->rtcp_rsize)
		rtcp_put_sdes(b, p->our_ssrc, CNAME);
}

void compound_send(struct peer *p, const struct rtcp_buf *b)
{
	p->r->ops->send_rtcp(p->r->arg, p->slot, b->data, b->len);
}
