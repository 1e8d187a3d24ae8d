/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * Offer and answer of a handle's PeerConnection: the client's descriptions come in, ours go out,
 * and what they come to is told its worker (worker_sync.c). Called for messages and by the SDK; the
 * rules of the exchange are jsep's. Control thread. */
struct remote;

/** Read a client's description from the jsep of a message (any JSON value), and take it in: an
 * answer is in force, an offer waits for the plugin's answer. Makes the handle's PeerConnection
 * where there is none.
 *  @return with one reference, or NULL with @p e filled, and nothing changed */
struct remote *description_take(
	struct cardea_handle *h, const json_t *jsep, struct cardea_error *e);
/** Set up or change the PeerConnection by a description of the plugin's (taken).
 *  @return {"type", "sdp"[, "e2ee"]}, new reference, or NULL with @p e filled */
json_t *description_make(struct cardea_handle *h, struct cardea_desc *desc, struct cardea_error *e);
