/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * Sending an answer or offer, by either way into a room. Above sfu_client.h. */

/** As an event with @p data (taken), or on /sfu as a message of its own. @param desc taken
 *  @return false: it could not be, and the client has been told why */
bool description_send(
	struct cardea_handle *h, const char *transaction, json_t *data, struct cardea_desc *desc);
