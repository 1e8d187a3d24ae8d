/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "subscriber.h"

/** @file
 * The layers of simulcast and SVC that a subscriber asks for and gets: checking a request's, and
 * telling of those that are sent now. Above subscriber.h. */

/** Is no layer of a request beyond 2? @return false with @p e filled: 430 */
bool layers_fit(const struct cardea_args *args, struct cardea_error *e);
/** Take over the targets that a request gives; absent ones stay. */
void layers_set(struct sub_stream *st, const struct cardea_args *args);
/** An m-line carries another stream: nothing is sent yet, and all is wanted. */
void layers_reset(struct sub_stream *st);
/** A layer asked for that is there already will not change: tell so now. */
void layers_tell_current(
	const struct subscriber *s, unsigned mindex, const struct cardea_args *args);
/** Other layers are sent now. */
void layers_changed(struct subscriber *s, unsigned mindex, const struct cardea_layer *now);
