/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>

/** @file
 * BUNDLE (RFC 9143): which m-lines share a transport, and which of them speaks for it. A
 * PeerConnection has one transport, so that its m-lines are of one group, or it has one alone. Pure
 * functions. */

/** Are two m-lines on one transport, as far as the groups say? */
bool bundle_shares(const struct cardea_desc *d, unsigned i, unsigned k);
/** The tagged m-line, whose ICE and DTLS attributes count: of the group of the first m-line that is
 * not rejected, the first in the order of the group that is not either.
 *  @return -1: all are rejected */
int bundle_tag(const struct cardea_desc *d);
/** Reject what is not on the transport of m-line @p mindex. */
void bundle_keep(struct cardea_desc *d, unsigned mindex);
