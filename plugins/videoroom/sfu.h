/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The other way into rooms: plain messages on a WebSocket (docs/protocols.md). What a client sends
 * becomes requests of the table in requests.c, on one handle for the connection that it publishes
 * over and one for that over which it receives; so both ways meet in the same rooms, under the same
 * rules. What it is told is in sfu_events.h. Hooks of videoroom.c, above all others. */

/** NULL, or why not */
const char *sfu_start(const struct cardea_plugin *self, const struct cardea_conf *conf);
void sfu_message(struct cardea_handle *h, const struct cardea_direct_message *what); /**< Hook. */
void sfu_hangup(struct cardea_handle *h, const char *reason); /**< Hook, on any handle. */
/** Hook, on any handle; after its publisher or subscriber. */
void sfu_detached(struct cardea_handle *h);
