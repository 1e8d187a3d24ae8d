/* SPDX-License-Identifier: Apache-2.0 */
/** A handle and the participant that has it: what client.c, which talks to the server, and part.c,
 *  which decides what a handle asks for, share. */
#ifndef LOAD_HANDLE_H
#define LOAD_HANDLE_H
#include <stdbool.h>
#include <stdint.h>
#include "ws.h"

struct peer;

enum part {
	PART_ADMIN,
	PART_PUBLISHER,
	PART_SUBSCRIBER,
	PART_ECHO,
	PART_PLAIN,
	PART_RECORDER, /* of a recording */
	PART_VIEWER,   /* of the one that feeds[0] made: his own playback, which stands still */
	PART_JOINER,   /* of the playback that goes on already */
};
struct handle {
	struct client *client;
	int index;
	enum part part;
	uint64_t id, feed; /* feed: a publisher, or a recording */
	struct peer *peer;
	bool is_attaching, is_up, has_failed, is_done;
	struct handle **feeds; /* the publishers whom a subscriber wants */
	int n_feeds;
	int recorded;                                   /* times */
	uint64_t attach_ns, attached_ns, sdp_ns, up_ns; /* when what was reached */
	char why[128];                                  /* it has failed */
};
struct client {
	int index;
	struct ws *ws;
	uint64_t session;
	bool is_gone;
	uint64_t next_keepalive_ns;
	struct handle **handle;
	int n;
};

extern uint64_t client_errors; /**< Errors and hang-ups that the server has told us. */
extern bool client_is_leaving; /**< Then they are expected. */

void handle_fail(struct handle *h, const char *why);
#endif
