/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"
#include "wanted.h"

/** @file
 * What a subscriber receives, m-line by m-line: adding, emptying, switching and routing. Above
 * subscriber.h and wanted.h; requests, and the life of the handle, stand above it. */

/** Is there an m-line for all of these? Those that are empty now are taken again where they fit.
 *  @return false with @p e filled: 430 */
bool subscription_fits(const struct subscriber *s, const GArray *wanted, struct cardea_error *e);
/** @return the m-lines have changed: there is something to be offered. Where one more would be too
 *  many nothing is added. */
bool subscription_add(struct subscriber *s, const struct wanted *w);
/** Empty what a list of {sub_mid} or {feed, mid} names. @return the m-lines have changed */
bool subscription_remove(struct subscriber *s, const json_t *list);
void sub_stream_empty(struct subscriber *s, unsigned mindex);
/** Let an m-line carry another stream; its layers start over. */
void sub_stream_attach(struct sub_stream *st, const struct wanted *w);
/** Read layer targets, delays and so on where given. */
void sub_stream_apply(struct sub_stream *st, const struct cardea_args *args);
/** Declare or renew the route of an m-line; silent when it cannot carry media yet. */
void sub_stream_route(struct subscriber *s, unsigned mindex);
void subscription_route(struct subscriber *s); /**< of all m-lines */
