/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include "../jsep/sdp.h"

/** @file
 * A client's description as it came in the jsep of a message: checked, parsed, and shared by count
 * between the message and the PeerConnection that waits for the plugin's answer. Control thread. */
struct remote {
	struct cardea_desc *desc;
	struct sdp_transport transport;
	bool trickles; /**< its candidates come one by one */
	char *sdp;     /**< the text, for handle_info */
};

/** Read @p jsep (any JSON value) for a handle. Its state is checked, not changed: an answer needs
 * an offer of ours.
 *  @return with one reference, or NULL with @p e filled */
struct remote *remote_read(struct cardea_handle *h, const json_t *jsep, struct cardea_error *e);
/** The same, and take it in: an answer is in force, an offer waits for the plugin's answer. */
struct remote *remote_take(struct cardea_handle *h, const json_t *jsep, struct cardea_error *e);
struct remote *remote_ref(struct remote *r);
void remote_drop(struct remote *r); /**< NULL is fine. */
