/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "publisher.h"

/** @file
 * One m-line of a subscriber: which stream of which publisher it carries, or (data) which
 * publishers'. Under subscription.h, which changes it. */

struct sub_stream {
	enum cardea_kind kind;
	enum cardea_codec_id codec;
	struct publisher *feed; /**< NULL: emptied, or a data m-line … */
	GPtrArray *sources;     /**< … with its publishers; NULL: none yet */
	unsigned feed_mindex;
	char *crossrefid;
	bool ready, send;
	bool route_due;                                 /**< its source has other delays */
	int substream, temporal, spatial, svc_temporal; /**< targets, 0 to 2 */
	int64_t fallback_us;
	int min_delay, max_delay; /**< 10 ms, -1: as received */
	struct cardea_layer now;
};

void sub_stream_free(void *arg);
/** Let a data m-line carry @p p, too. @return false: it does already */
bool sub_stream_add_data(struct sub_stream *st, struct publisher *p);
/** No longer @p p, or (NULL) nobody. @return something changed */
bool sub_stream_remove_data(struct sub_stream *st, const struct publisher *p);

bool sub_stream_carries_data(const struct sub_stream *st, const struct publisher *p);
const struct stream *sub_stream_source(const struct sub_stream *st); /**< NULL: emptied */
