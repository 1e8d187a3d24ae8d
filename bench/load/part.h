/* SPDX-License-Identifier: Apache-2.0 */
/** What the part of a handle makes it say: requests of the videoroom and of the echo test. */
#ifndef LOAD_PART_H
#define LOAD_PART_H
#include <jansson.h>
#include <stdbool.h>

struct handle;

void part_attached(struct handle *h);
void part_record(struct handle *h, bool on);        /**< Of the echo test. */
void part_event(struct handle *h, json_t *message); /**< An answer or event of the plugin. */
#endif
