/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/plugin.h>

/** @file
 * The tracks that a participant on /sfu has said it publishes, by its own names, and the m-lines of
 * its offer that carry them: a name is the mid, or that of the track in a=msid (in some browsers
 * MediaStreamTrack.id). */
struct named_track {
	char *id;
	enum cardea_kind kind;
	bool bound; /**< an offer had it */
	/** its m-line in the offer that was checked last; -1: it has none there */
	int line;
};

GPtrArray *named_new(void);
/** @return false with @p e filled: there is one of that name, or there are too many. */
bool named_add(GPtrArray *named, const char *id, enum cardea_kind kind, struct cardea_error *e);
bool named_remove(GPtrArray *named, const char *id); /**< false: no such */
/** Has an offer every track that no offer had so far, and of its kind? What follows is about that
 *  offer.
 *  @return false with @p e filled */
bool named_check(GPtrArray *named, const struct cardea_desc *offer, struct cardea_error *e);
/** The name of the track on m-line @p mindex; NULL: none was published for it. */
const char *named_of(const GPtrArray *named, unsigned mindex);
/** The offer was accepted: what it has is bound, what it has no more is not published any more. */
void named_bind(GPtrArray *named);
