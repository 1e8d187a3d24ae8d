/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/event.h>
#include <cardea/plugin.h>
#include "../router/reason.h"
#include "hook.h"
#include "recordings.h"
#include "session.h"

/** @file
 * Handles: a session's use of a plugin, with at most one PeerConnection. Requests and the SDK act
 * on them; they call the plugin's hooks of life and tell the client of their end. Control
 * thread. */
struct peerconn;
struct plugin;

struct cardea_handle {
	uint64_t id;
	struct session *session;
	struct plugin *plugin;
	char *package;           /**< the plugin's name as the client gave it */
	char *opaque_id, *token; /**< NULL: not given */
	void *data;              /**< the plugin's own */
	struct peerconn *pc;     /**< NULL: none */
	struct capture *capture; /**< of its packets; NULL: there was none */
	struct recordings recordings;
	uint64_t closed_peer; /**< id of the last that was let go of; 0: there was none, or it was
				 not open */
	bool had_pc;          /**< there was one before */
	const char *closed;   /**< why it went; NULL: not by a hangup */
	int64_t closed_us;
	bool was_lost; /**< it failed: nobody wanted it closed */
	struct {
		struct why why; /**< what was wrong with it before (explain.h) */
		unsigned worker;
	} lost;
	struct {
		int64_t due_us;
		unsigned left_out;
	} lines;            /**< that its reasons have in the log */
	uint64_t place_key; /**< peers of the same key are kept together; 0: anywhere */
	int64_t created_us;
	bool e2ee; /**< until hangup */
	/** why the PeerConnection went: plugin and client are still to be told */
	const char *hung_up;
	bool ending;   /**< wanted by its plugin */
	bool is_extra; /**< of a direct connection: not the one that its session stands for */
	bool dying;    /**< its last hooks are running */
	struct deferred settle; /**< tells of a hangup, and ends it: when no hook runs */
};

void handles_start(void); /**< Before the first one: shows how many there are at /metrics. */
/** Make a handle and attach it to @p plugin.
 *  @param why 128 bytes: the reason of a refusal
 *  @return owned by the session, or NULL: the plugin refused, or max_handles are there */
struct cardea_handle *handle_create(struct session *s, struct plugin *plugin, const char *package,
	const char *opaque_id, const char *token, char *why);
/** Close, detach and free it. Tells the client nothing of its own. Not inside a hook. */
void handle_destroy(struct cardea_handle *h);
/** End what it is used for, as if it were detached and attached again: the id stays. A plugin that
 *  refuses ends it. Not inside a hook. */
void handle_renew(struct cardea_handle *h);
/** Destroy it, and the client gets `detached`. */
void handle_detach(struct cardea_handle *h);
struct cardea_handle *handle_find(const struct session *s, uint64_t id);
/** Close the PeerConnection; the plugin and then the client are told why. @param reason static text
 *  @return false when there was none. */
bool handle_hangup(struct cardea_handle *h, const char *reason);
/** End it as handle_detach() does, when no hook runs. */
void handle_end(struct cardea_handle *h);
/** What sessions want of their handles: see sessions_start(). */
extern const struct session_ops handles_of_sessions;

/** {"janus": kind, "session_id", ["transaction",] "sender"[, "opaque_id"]}; new reference. */
json_t *handle_event(const struct cardea_handle *h, const char *kind, const char *transaction);
/** Tell event handlers of it. @param body taken; NULL: nobody wants it, and nothing is told */
void handle_tell(
	const struct cardea_handle *h, enum cardea_event_type type, unsigned subtype, json_t *body);
/** {"plugin": …, "data": …}; takes @p data, new reference. */
json_t *handle_plugindata(const struct cardea_handle *h, json_t *data);
unsigned handles_count(void);
