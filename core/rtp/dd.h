/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include "payload_info.h"

/** @file
 * The dependency descriptor, a header extension that AV1 comes with: layers and keyframes without a
 * look into the payload. The router reads it behind payload_look(), with what the keyframe told. */

/** The templates that an AV1 dependency descriptor refers to (AV1 RTP specification, A.8): they
 *  come with keyframes and hold until the next. One per received SSRC, zeroed at first. */
struct dd_templates {
	uint8_t n, offset;
	struct {
		uint8_t spatial, temporal, dti;
	} of[64];
};
/** Read a descriptor, with or without templates of its own, and fill in what it tells of frame and
 *  layers.
 *  @return false: malformed, or it refers to templates not known; @p out is untouched then. */
bool dd_look(struct dd_templates *known, const uint8_t *dd, size_t len, struct payload_info *out);
