/* SPDX-License-Identifier: Apache-2.0 */
/** What the part of a handle makes it say: requests of the videoroom, of the echo test and of
 *  recordplay. */
#ifndef LOAD_PART_H
#define LOAD_PART_H
#include <jansson.h>
#include <stdbool.h>
#include "handle.h"

const char *part_plugin(enum part part); /**< The package that it speaks to. */
void part_attached(struct handle *h);
void part_record(struct handle *h, bool on);             /**< Of the echo test. */
void part_ask(const struct handle *h, const char *what); /**< A request without fields. */
void part_event(struct handle *h, json_t *message);      /**< An answer or event of the plugin. */
#endif
