/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/handle.h>
#include <cardea/json.h>

/** @file
 * Events: what happens in the server, told to event handlers (docs/events.md), which write it to
 * files or send it to monitors. The core tells of sessions, handles and PeerConnections by itself;
 * a plugin adds what only it knows. Control thread. */

/** The types, as bits of a mask; `events = "sessions, handles"` names them. */
enum cardea_event_type {
	CARDEA_EVENT_SESSION = 1,     /**< "sessions" */
	CARDEA_EVENT_HANDLE = 2,      /**< "handles" */
	CARDEA_EVENT_EXTERNAL = 4,    /**< "external": custom_event of the Admin API */
	CARDEA_EVENT_JSEP = 8,        /**< "jsep" */
	CARDEA_EVENT_WEBRTC = 16,     /**< "webrtc" */
	CARDEA_EVENT_MEDIA = 32,      /**< "media" */
	CARDEA_EVENT_PLUGIN = 64,     /**< "plugins" */
	CARDEA_EVENT_TRANSPORT = 128, /**< "transports" */
	CARDEA_EVENT_CORE = 256,      /**< "core" */
	CARDEA_EVENT_ALL = 511,       /**< "all" */
};

/** Does anybody want to hear what the plugin whose hook runs could tell? False where there is no
 *  event handler that wants plugins' events, and where general.events is false in the plugin's own
 *  file. Costs next to nothing: ask before data is made. */
CARDEA_API bool cardea_events_are_on(void);
/** Tell event handlers something, as {"plugin": …, "data": …} of the plugin whose hook runs. Where
 *  cardea_events_are_on() is false, nothing is told.
 *  @param h whom it is about; NULL: no handle, such as a room
 *  @param data taken */
CARDEA_API void cardea_notify(const struct cardea_handle *h, json_t *data);
