/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../rtp/rtcp.h"
#include "../peer.h"

/** @file
 * How a compound of feedback begins, and how it leaves. */
#define CNAME "janus" /**< as in the a=ssrc lines of our descriptions */

/** A report that is empty, and who sends it: without those a compound is of reduced size, which has
 *  to be agreed on (RFC 4585, section 3.1; RFC 5506). */
void compound_open(struct rtcp_buf *b, const struct peer *p);
void compound_send(struct peer *p, const struct rtcp_buf *b);
