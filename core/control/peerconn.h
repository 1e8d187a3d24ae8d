/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include <glib.h>
#include "../base/queue.h"
#include "../jsep/negotiate.h"
#include "data.h"
#include "remote.h"
#include "told.h"

/** @file
 * A handle's PeerConnection as the control thread knows it: what was agreed on, and the id under
 * which a worker has the rest. It outlives its handle until the worker has retired the peer. */
struct loop;

struct peerconn {
	uint64_t peer; /**< id for the workers; 0: not open yet */
	unsigned worker;
	uint64_t place_key;           /**< under which it was placed there */
	struct cardea_handle *handle; /**< NULL: closing */
	struct negotiation neg;
	struct remote *offer; /**< the client's, waiting for the plugin's answer; NULL: none */
	bool agreed;          /**< a first offer and answer are through */
	bool up;              /**< ICE and DTLS are done */
	bool feeds;           /**< others have, or had, routes from it */
	bool we_offered;      /**< in the first round */
	bool got_offer;       /**< one of the client's */
	bool restarting;      /**< our pending offer makes new credentials */
	uint8_t dtls_server;  /**< as in struct cmd_peer_open */
	char ufrag[ICE_OUR_UFRAG + 1], pwd[ICE_OUR_PWD + 1];
	char next_ufrag[ICE_OUR_UFRAG + 1],
		next_pwd[ICE_OUR_PWD + 1]; /**< in force when our offer is answered */
	char *told_ice; /**< the peer's ICE credentials that the worker knows; NULL: none */
	struct fingerprints told_fingerprints; /**< and its certificates */
	char told_ufrag[ICE_OUR_UFRAG + 1];    /**< ours that it knows */
	struct {
		char mid[CARDEA_MID_MAX + 1]; /**< of its m-line */
		uint16_t port;                /**< the peer's; 0: none is wanted */
		uint32_t number;              /**< counts them */
	} sctp, told_sctp; /**< the SCTP association that is agreed on, and what the worker knows
			      of it */
	bool told_close;   /**< that it is to end */
	bool waits;        /**< some of what follows found no room in the worker's queue */
	bool transport_due, tracks_due, wishes_due, limit_due;
	uint32_t limit_bps;
	struct data *data; /**< data channels; NULL: the association is not up */
	struct data_stats data_stats;
	unsigned n_told;
	struct track *told_tracks; /**< the tracks that the worker knows */
	unsigned n_lines;          /**< of the two arrays below */
	struct wanted *wanted;     /**< by m-line */
	uint8_t *receiving;        /**< by m-line: bit 0 plain, bits 1… substreams */
	int64_t created_us, opened_us;
	char *local_sdp, *remote_sdp; /**< NULL: none yet */
	bool trickles, all_trickled;  /**< the client's candidates come one by one; the last has */
	GPtrArray *trickled;          /**< those, as text; NULL: none yet. For handle_info only */
};

enum err peerconns_start(struct loop *loop);
void peerconns_stop(void);
/** Reports of the workers go here. */
struct queue *peerconns_reports(void);
unsigned peerconns_count(void);

/** Take in a client's description (its own reference is taken): an offer waits for the plugin's
 * answer, an answer completes our offer and is told to the worker. Makes the handle's
 * PeerConnection where there is none.
 *  @return false with @p e filled, nothing changed */
bool peerconn_remote(struct cardea_handle *h, struct remote *r, struct cardea_error *e);
/** A candidate that the client has trickled (copied), or NULL: there are no more. An ICE-lite
 * server has no need of it and waits for checks; it is kept to be shown. What is beyond 32, too
 * long, or no candidate, is left out. */
void peerconn_trickled(struct peerconn *pc, const char *candidate);
/** Set up or change the PeerConnection by a description of the plugin's (taken).
 *  @return {"type", "sdp"[, "e2ee"]}, new reference, or NULL with @p e filled */
json_t *peerconn_local(struct cardea_handle *h, struct cardea_desc *desc, struct cardea_error *e);
/** The handle lets go of it. It is freed here, or when the worker has answered. */
void peerconn_close(struct peerconn *pc);

/* Queries; NULL is a PeerConnection that does not exist. */
bool peerconn_offer_pending(const struct peerconn *pc);
bool peerconn_agreed(const struct peerconn *pc);
/** Does the m-line send (or receive), as agreed or as offered by us and not answered yet? */
bool peerconn_has(const struct peerconn *pc, unsigned mindex, enum cardea_dir dir);

/** Post a command for it; false when its worker's queue is full, or its share of that. */
bool peerconn_post(const struct peerconn *pc, struct cmd *c);
/** Post what the worker has yet to be told, in this order: transport, tracks, wishes; or that it is
 * over. What finds no room is told later. */
void peerconn_tell(struct peerconn *pc);
/** The wishes alone, unless more has to be told before them. */
void peerconn_tell_wishes(struct peerconn *pc);
/** Walk those that have a handle: start with *slot = 0, until NULL comes back. */
struct peerconn *peerconn_next(uint32_t *slot);
/** The one of an id, NULL: gone or closing. */
struct peerconn *peerconn_find(uint64_t peer);
/** Has it been let go of, and its worker not yet? */
bool peerconn_is_closing(uint64_t peer);
