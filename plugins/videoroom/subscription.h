/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * What a subscriber receives, m-line by m-line: adding, emptying, switching, describing and
 * routing. Requests and the life of the handle are in subscriber.c. */

/** A stream of a publisher that somebody wants, checked. */
struct wanted {
	struct publisher *feed;
	unsigned mindex;
	struct cardea_args args; /**< the entry it came from */
};
/** Check one entry of a subscription and append what it means: one stream, or all of a feed. No
 *  list is longer than a description may be. */
bool wanted_add(
	GArray *out, struct room *r, const struct cardea_args *entry, struct cardea_error *e);
/** The same for a whole list of entries (borrowed while `out` is used). */
bool wanted_list(GArray *out, struct room *r, const json_t *list, struct cardea_error *e);

/** Is there an m-line for all of these? Those that are empty now are taken again where they fit.
 *  @return false with @p e filled: 430 */
bool subscription_has_room(
	const struct subscriber *s, const GArray *wanted, struct cardea_error *e);
/** @return the m-lines have changed: there is something to be offered. Without room for one more
 *  nothing is added. */
bool subscription_add(struct subscriber *s, const struct wanted *w);
/** Empty what a list of {sub_mid} or {feed, mid} names. @return the m-lines have changed */
bool subscription_remove(struct subscriber *s, const json_t *list);
void sub_stream_empty(struct subscriber *s, unsigned mindex);
void sub_stream_free(void *arg);
/** Let m-line @p mindex carry another stream; its layers start over. */
void sub_stream_attach(struct sub_stream *st, const struct wanted *w);
/** Read layer targets, delays and so on where given. */
void sub_stream_apply(struct sub_stream *st, const struct cardea_args *args);
/** Declare or renew the route of an m-line; silent when it cannot carry media yet. */
void sub_stream_route(struct subscriber *s, unsigned mindex);
const struct stream *sub_stream_source(const struct sub_stream *st); /**< NULL: emptied */

json_t *subscription_json(const struct subscriber *s);
struct cardea_desc *subscription_offer(const struct subscriber *s);
