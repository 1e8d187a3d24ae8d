/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include "../jsep/sdp.h"

/** @file
 * A client's description as it came in the jsep of a message: checked, parsed, and shared by count
 * between the message and the PeerConnection that waits for the plugin's answer. description.c
 * reads and keeps it. Control thread. */
struct remote {
	struct cardea_desc *desc;
	struct sdp_transport transport;
	bool trickles; /**< its candidates come one by one */
	char *sdp;     /**< the text, for handle_info */
};

/** The members of a jsep. */
extern const struct cardea_field remote_fields[];
/** Read @p jsep (any JSON value). @param handle_id for the log
 *  @return with one reference, or NULL with @p e filled */
struct remote *remote_read(const json_t *jsep, uint64_t handle_id, struct cardea_error *e);
struct remote *remote_ref(struct remote *r);
void remote_drop(struct remote *r); /**< NULL is fine. */
