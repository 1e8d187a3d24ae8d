/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "api_request.h"
#include "remote.h"

/** @file
 * A `message` request on its way through a plugin's hook: dispatch.c hands it over, the plugin
 * answers it by the functions of the SDK that are here. Control thread. */
struct cardea_message {
	struct request *request;
	const json_t *body;
	struct remote *remote; /**< NULL: no jsep */
	bool answered;
};

/** Handler of `message` (see dispatch.c), whose fields are checked before. */
extern const struct cardea_field message_fields[];
void message_request(struct request *r);
/** A plugin has answered nothing: log it. @return the reason for the client */
const char *message_lost(const struct cardea_handle *h);
