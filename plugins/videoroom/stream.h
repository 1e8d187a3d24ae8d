/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/plugin.h>

/** @file
 * One m-line of a publisher: what was agreed on with it, and what it and the room have set. Under
 * publisher.h. */

struct stream {
	enum cardea_kind kind;
	char mid[CARDEA_MID_MAX + 1];
	enum cardea_codec_id codec;
	char *description;
	bool disabled, simulcast, svc, stereo, fec, dtx, red;
	bool muted;     /**< by its publisher: send=false */
	bool moderated; /**< muted by the room */
	bool talking;
	char profile[16]; /**< H.264 profile-level-id or VP9 profile-id */
	char fmtp[256];
	uint32_t exts;            /**< negotiated with the publisher */
	int min_delay, max_delay; /**< 10 ms, -1: as received */
	bool delays_changed;      /**< … and nobody's route has them yet */
	char *track_id;           /**< on /sfu; NULL: the mid */
	bool known_on_sfu;        /**< the others there have been told of it */
};

/** Take over what an m-line of an offer and of our answer to it make of the stream. */
void stream_agree(
	struct stream *s, const struct cardea_media *offered, const struct cardea_media *ours);
void stream_clear(struct stream *s);
void streams_free(struct stream *streams, unsigned n); /**< NULL is fine. */

bool stream_has_levels(const struct stream *s); /**< its audio levels are known */
const char *stream_track_name(const struct stream *s);
const char *kind_name(enum cardea_kind kind);
/** As others are told of it; new reference. @param mindex of its m-line */
json_t *stream_json(const struct stream *s, unsigned mindex, bool with_talking);
