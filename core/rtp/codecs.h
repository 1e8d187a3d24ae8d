/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include "payload_info.h"

/** @file
 * One reader per payload format, behind payload_look(): @p out is prepared, len is not 0; what is
 * not told stays. */
void vp8_look(const uint8_t *p, size_t len, struct payload_info *out);
void vp9_look(const uint8_t *p, size_t len, struct payload_info *out);
void h264_look(const uint8_t *p, size_t len, struct payload_info *out);
void h265_look(const uint8_t *p, size_t len, struct payload_info *out);
void av1_look(const uint8_t *p, size_t len, struct payload_info *out);
