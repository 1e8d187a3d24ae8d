/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "packet.h"
#include "payloads.h"

/** @file
 * H.264 (RFC 6184) and H.265 (RFC 7798), a part of packetize.h. */
void packetize_h264(const struct rec_frame *f, struct payloads *out);
void packetize_h265(const struct rec_frame *f, struct payloads *out);
