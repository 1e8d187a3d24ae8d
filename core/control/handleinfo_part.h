/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../rtc/msg.h"
#include "peerconn.h"

/** @file
 * The parts of handle_info, a file for each, and what they share: members of objects, and a
 * worker's report. handleinfo.c puts them together. Control thread. */

/** What a worker has told about a peer. */
struct peer_report {
	struct peer_stats stats; /**< its tracks are those of the last report only */
	unsigned n_tracks;
	struct track_stats *tracks; /**< all of them; owned (g_free) */
};

static inline void set(json_t *o, const char *name, int64_t value)
{
	json_object_set_new(o, name, json_integer(value));
}

static inline void set_if(json_t *o, const char *name, int64_t value)
{
	if (value)
		set(o, name, value);
}

static inline void set_text(json_t *o, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(o, name, cardea_json_text(text));
}

/* New references. @param r NULL: the worker was not asked or has not answered */
json_t *handle_info_ice(const struct peerconn *pc, const struct peer_report *r);
json_t *handle_info_dtls(const struct peerconn *pc, const struct peer_report *r);
json_t *handle_info_extensions(const struct peerconn *pc);
json_t *handle_info_bwe(const struct peerconn *pc);
json_t *handle_info_media(const struct peerconn *pc, const struct peer_report *r);
