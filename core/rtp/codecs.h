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

/** What stands before the VP8 bytes of a packet: X R N S R PID, then X: I L T K, then what these
 *  announce (RFC 7741, section 4.2). */
struct vp8_desc {
	size_t len;
	bool begins;          /**< a frame: S, and partition 0 */
	bool not_a_reference; /**< N */
	bool has_picture_id, long_id, has_tl0, has_temporal;
	uint16_t picture_id;
	uint8_t tl0, temporal;
	bool base_only; /**< Y: it refers to the base layer alone */
	uint8_t picture_id_off, tl0_off;
};
/** @return false: malformed. @param len not 0 */
bool vp8_read_desc(const uint8_t *p, size_t len, struct vp8_desc *d);

#define VP9_LAYERS 8
/** What stands before the VP9 bytes of a packet: I P L F B E V Z, then what these announce (RFC
 *  9628, section 4.2). */
struct vp9_desc {
	size_t len;
	bool predicted;    /**< P: from an earlier picture */
	bool flexible;     /**< F */
	bool begins, ends; /**< B, E: a layer's frame of a picture */
	bool has_picture_id, long_id, has_layers, has_tl0;
	uint16_t picture_id;
	uint8_t temporal, spatial, tl0;
	bool switch_up;  /**< U: later pictures of upper layers refer to nothing before it */
	uint8_t n_back;  /**< flexible: pictures that it refers to, */
	uint8_t back[3]; /**< by how many before it */
};
/** @return false: malformed. @param len not 0 */
bool vp9_read_desc(const uint8_t *p, size_t len, struct vp9_desc *d);

/** H.264 and H.265: NAL units in a payload, whole or in parts. */
enum {
	H264_SLICE = 1,
	H264_PART_A = 2, /**< of a slice in partitions: its head */
	H264_IDR = 5,
	H264_SEI = 6,
	H264_SPS = 7,
	H264_PPS = 8,
	H264_AUD = 9,
	H264_STAP_A = 24,
	H264_FU_A = 28
};
enum {
	H265_RSV_SUB_LAST = 15, /**< up to here, even ones are not referred to in their sub-layer */
	H265_IRAP_FIRST = 16,
	H265_IRAP_LAST = 23,
	H265_VCL_LAST = 31,
	H265_VPS = 32,
	H265_SPS = 33,
	H265_PPS = 34,
	H265_AUD = 35,
	H265_PREFIX_SEI = 39,
	H265_AP = 48,
	H265_FU = 49,
	H265_PACI = 50
};
/** An H.265 payload, out of its packet of content information (RFC 7798, 4.4.4) if it is in one. */
struct h265_payload {
	uint8_t head[2]; /**< its header */
	const uint8_t *body;
	size_t len; /**< of the body */
};
/** @return false: malformed */
bool h265_unwrap(const uint8_t *p, size_t len, struct h265_payload *out);

/** LEB128 (AV1, section 4.10.5) of at most four bytes. @return false: longer, or cut off */
bool av1_leb128(const uint8_t **p, const uint8_t *end, size_t *v);
