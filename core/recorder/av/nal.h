/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavcodec/codec_id.h>
#include <libavcodec/codec_par.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * NAL units of H.264 and H.265 as MP4 and Matroska have them (ISO/IEC 14496-15): each behind its
 * length, and the parameter sets in the head (avcC, hvcC), too. Nothing is read beyond what is
 * given, whatever it says. */

struct nal {
	const uint8_t *data;
	size_t len;
	bool is_set; /**< VPS, SPS or PPS */
};
/** Is it one of the two, with a head as it should be? */
bool nal_has(const AVCodecParameters *par);
/** The next one of a sample. @param at 0 at first. @return false: there is none */
bool nal_next(
	const AVCodecParameters *par, const uint8_t *data, size_t len, size_t *at, struct nal *out);
/** Are all parameter sets of a sample in the head, too? */
bool nal_sets_known(const AVCodecParameters *par, const uint8_t *data, size_t len);
/** Take the parameter sets out of a sample, in place. @return its length then */
size_t nal_drop_sets(const AVCodecParameters *par, uint8_t *data, size_t len);
/** Has a head in Annex B, as depack_head() gives it, an SPS and a PPS? */
bool nal_annexb_has_sets(enum AVCodecID codec, const uint8_t *data, size_t len);
/** The parameter sets of the head in Annex B. @return bytes, which may be more than @p size: then
 *  nothing useful has been written */
size_t nal_sets_annexb(const AVCodecParameters *par, uint8_t *out, size_t size);
