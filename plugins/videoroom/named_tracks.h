/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/plugin.h>

/** @file
 * The tracks that a participant on /sfu publishes, by its own names, and the m-lines of its offer
 * that carry them: a name is the mid, or that of the track in a=msid (in some browsers
 * MediaStreamTrack.id). Under publish.c and sfu.c. */
struct named_track {
	char *id;
	enum cardea_kind kind;
	bool bound; /**< an offer had it */
	/** its m-line in the offer that was checked last; -1: it has none there */
	int line;
};

GPtrArray *named_tracks_new(void);
/** @return false with @p e filled: there is one of that name, or there are too many. */
bool named_tracks_add(
	GPtrArray *tracks, const char *id, enum cardea_kind kind, struct cardea_error *e);
bool named_tracks_remove(GPtrArray *tracks, const char *id); /**< false: no such */
/** Has an offer every track that no offer had so far, and of its kind? What follows is about that
 *  offer.
 *  @return false with @p e filled */
bool named_tracks_check(GPtrArray *tracks, const struct cardea_desc *offer, struct cardea_error *e);
/** The name of the track on m-line @p mindex; NULL: none was published for it. */
const char *named_tracks_id(const GPtrArray *tracks, unsigned mindex);
/** The offer was accepted: what it has is bound, what it has no more is not published any more. */
void named_tracks_bind(GPtrArray *tracks);
