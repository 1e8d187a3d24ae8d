/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * A client on /sfu: its connection, the handles that serve it, and sending to it. A handle's client
 * is in its struct member. What the client asks for is in sfu.c, what it is told of its room in
 * sfu_events.h. */

struct publisher;
struct room;
struct subscriber;

struct sfu_client {
	struct cardea_handle *handle; /**< of the connection */
	/** for what it publishes, from joining on; for what it receives; NULL: none */
	struct cardea_handle *publish_handle, *receive_handle;
	/** its participant_id where that is no id of the room's; NULL: it is */
	char *name;
	/** what is to be sent when the present request is through; NULL: nothing is held */
	json_t *held;
};

/** A handle for it. @return NULL with @p e filled */
struct cardea_handle *sfu_client_open_handle(struct sfu_client *s, struct cardea_error *e);
void sfu_client_end_handle(struct cardea_handle **h); /**< Sets NULL; of NULL: nothing. */
/** Whoever publishes on @p h is out of its room: its connection is free to join another. On any
 *  handle. */
void sfu_client_end_handles(struct cardea_handle *h);

void sfu_client_send(struct sfu_client *s, json_t *message); /**< takes @p message */
void sfu_client_send_error(struct sfu_client *s, const struct cardea_error *e);
/** Number an error of the session API or the core as one of /sfu. @return false */
bool sfu_error(struct cardea_error *e);
/** The plugin's answer or offer to a direct handle; takes @p desc. @return false: it could not be,
 *  the client knows why. */
bool sfu_client_describe(struct cardea_handle *h, struct cardea_desc *desc);

/** The participant that it is. @return NULL with @p e filled: it has not joined */
struct publisher *sfu_client_publisher(const struct sfu_client *s, struct cardea_error *e);
const struct subscriber *sfu_client_subscriber(const struct sfu_client *s); /**< NULL: none yet */
/** The participant_id of whoever joins by this handle; NULL: its id in the room is that. */
const char *sfu_client_name(const struct cardea_handle *h);
/** Is the connection that @p h receives for in room @p r already? On any handle. */
bool sfu_client_is_in(const struct cardea_handle *h, const struct room *r);
