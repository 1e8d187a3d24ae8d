/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "receiver.h"

/** @file
 * Which track a packet belongs to. */

struct receiver *demux(
	struct peer *p, const struct pkt *k, unsigned *layer, bool *is_rtx); /**< NULL: of none */
/** The m-line that a packet of no track may belong to. NULL: none. */
const struct track *demux_guess(const struct peer *p, const struct pkt *k);
