/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>
#include "../base/err.h"

/** @file
 * What happens on direct endpoints, on its way from the web thread (direct_web.c) to the control
 * thread (direct.c): a queue, with a bound on what may wait in it. */
struct loop;
struct cardea_plugin;

/** Of a plugin; made before anything is served. */
struct direct_endpoint {
	struct direct_endpoint *next;
	const struct cardea_plugin *plugin;
	char *path; /**< NULL: none */
	unsigned port, secure_port;
	double messages_a_s; /**< of one client */
};

enum direct_kind {
	DIRECT_OPENED,  /**< a connection */
	DIRECT_MESSAGE, /**< has come on it */
	DIRECT_ALIVE,   /**< it has answered a probe */
	DIRECT_SHUT,    /**< it is to be closed when what has come is answered */
	DIRECT_GONE,    /**< it is closed */
};

/** One of them; the members that point are given away with it. */
struct direct_record {
	enum direct_kind kind;
	struct direct_endpoint *at;
	uint64_t conn;
	union {
		struct {
			struct cardea_address address;
			char *secret, *token; /**< NULL: not given */
		} opened;
		struct {
			char *text;
			size_t len;
			json_t *tree; /**< NULL: it is not JSON … */
			char *why;    /**< … for this reason */
		} message;
		unsigned close_code; /**< DIRECT_SHUT */
	};
};

/** @param serve gets each on the control thread, borrowed
 *  @param connections that there may be */
enum err direct_inbox_start(
	struct loop *loop, unsigned connections, void (*serve)(const struct direct_record *r));
void direct_inbox_stop(void); /**< Forgets what waits. Not started: fine. */
/** Web thread. @return false: too much waits, and it is dropped; never of an end */
bool direct_inbox_push(struct direct_record *r);
/** Free what it points to. */
void direct_record_free(const struct direct_record *r);
