/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The other face of the room: plain messages on a WebSocket (docs/protocols.md). What a client says
 * becomes requests of the table in schema.c, on one handle for the connection that it publishes
 * over and one for that over which it receives; so both faces meet in the same rooms, under the
 * same rules. What it is told is in news.c. */

/** NULL, or why not */
const char *sfu_start(const struct cardea_plugin *self, const struct cardea_conf *conf);
void sfu_said(struct cardea_handle *h, const struct cardea_direct_message *what);
/** The participant_id of whoever joins by this handle; NULL: its id in the room is that. */
const char *sfu_name(const struct cardea_handle *h);
/** Is the connection that @p h receives for in room @p r already? On any handle. */
bool sfu_is_in(const struct cardea_handle *h, const struct room *r);
/** The plugin's answer or offer to a direct handle; takes both. @return false: it could not be, the
 *  client knows why. */
bool sfu_describe(struct cardea_handle *h, json_t *data, struct cardea_desc *desc);
/** Whoever publishes on @p h is out of its room: its connection is free to join another. On any
 *  handle. */
void sfu_out(struct cardea_handle *h);
void sfu_hangup(struct cardea_handle *h, const char *reason); /**< Hook, on any handle. */
/** Hook, on any handle; after its publisher or subscriber. */
void sfu_detached(struct cardea_handle *h);
