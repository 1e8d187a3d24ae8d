/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../router/track.h"
#include "packet.h"
#include "rec_env.h"

/** @file
 * The MJR files of a recording, one for each track and for messages: BASE-audio.mjr,
 * BASE-video.mjr, and BASE-video-2.mjr where the codec changes. Recorder's thread. */
struct mjr_out;
struct mjr_out_conf {
	const struct rec_env *env;
	uint64_t recording;
	const char *base, *data_text; /**< borrowed; data_text: description of messages, or "" */
};
struct mjr_out *mjr_out_new(const struct mjr_out_conf *conf); /**< NULL: no memory */
struct mjr_named {
	const char *suffix;      /**< "-audio" */
	const char *fmtp, *text; /**< text: description, or "" */
	bool e2ee;
};
/** What @p name's packets are from now on. @return false: mjr_out_error() */
bool mjr_out_track(struct mjr_out *o, const struct mjr_named *name, const struct track *t);
/** @param suffix as above: of none of these nothing is written */
bool mjr_out_packet(struct mjr_out *o, const char *suffix, const struct rec_packet *p);
/** A message; its file is made with the first. */
bool mjr_out_data(
	struct mjr_out *o, const char *suffix, const void *bytes, size_t len, int64_t at_us);
void mjr_out_pause(struct mjr_out *o);
/** Make sure that files are on the disk. */
void mjr_out_tick(struct mjr_out *o, int64_t now_us);
void mjr_out_end(struct mjr_out *o);                /**< Files are whole, and told of. */
void mjr_out_free(struct mjr_out *o);               /**< NULL is fine. */
const char *mjr_out_error(const struct mjr_out *o); /**< NULL: none */
uint64_t mjr_out_bytes(const struct mjr_out *o);
int64_t mjr_out_duration(const struct mjr_out *o); /**< of the longest */
