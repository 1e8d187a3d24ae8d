/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "packet.h"
#include "payloads.h"

/** @file
 * AV1, a part of packetize.h. */
void packetize_av1(const struct rec_frame *frame, struct payloads *out);
