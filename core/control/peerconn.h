/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include <glib.h>
#include "../jsep/negotiate.h"
#include "../router/track.h"
#include "../rtc/msg.h"
#include "data_flow.h"
#include "remote.h"

/** @file
 * A handle's PeerConnection as the control thread knows it: what was agreed on, what is wanted, and
 * the id under which a worker has the rest. It outlives its handle until the worker has retired the
 * peer. This is its state alone: description.c changes what is agreed on, wanted.c what is wanted,
 * and worker_sync.c tells the worker. Control thread. */
struct cardea_handle;

/** Bits of struct wanted's `due`. */
enum { DUE_ROUTE = 1, DUE_MUTE = 2, DUE_WATCH = 4, DUE_KEYFRAME = 8 };

/** What is wanted of one m-line. Zero: nothing. */
struct wanted {
	uint64_t from_peer; /**< whose track it carries; 0: nobody's */
	struct route route;
	uint16_t watch_packets;
	uint8_t watch_level;
	bool muted;
	uint8_t due; /**< what the worker has yet to be told */
};

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
	enum dtls_role dtls_role;
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
	struct data_flow *data; /**< data channels; NULL: the association is not up */
	struct data_stats data_stats;
	unsigned n_told;
	struct track *told_tracks; /**< the tracks that the worker knows */
	unsigned n_lines;          /**< of the two arrays below */
	struct wanted *wanted;     /**< by m-line */
	uint8_t *receiving;        /**< by m-line: bit 0 plain, bits 1… substreams */
	/** reasons that last, as its worker told: of all, then of each m-line in and out */
	struct reported {
		struct why why;
		bool is_logged;
	} * reported;
	unsigned n_reported;
	int64_t created_us, opened_us;
	char *local_sdp, *remote_sdp; /**< NULL: none yet */
	bool trickles, all_trickled;  /**< the client's candidates come one by one; the last has */
	GPtrArray *trickled;          /**< those, as text; NULL: none yet. For handle_info only */
};

void peerconns_start(void);
void peerconns_stop(void);
unsigned peerconns_count(void);

/** Free it and its slot, which no worker uses any more. */
void peerconn_free(struct peerconn *pc);
/** Give it an id and a worker.
 *  @param place_key peers of the same key are kept together; 0: anywhere
 *  @return false: max_peers are there */
bool peerconn_take_slot(struct peerconn *pc, uint64_t place_key);
void peerconn_give_slot(struct peerconn *pc); /**< Without an id: nothing. */
/** Make room for wishes for @p n m-lines. */
void peerconn_lines(struct peerconn *pc, unsigned n);
/** A candidate that the client has trickled (copied), or NULL: there are no more. An ICE-lite
 * server has no need of it and waits for checks; it is kept to be shown. What is beyond 32, too
 * long, or no candidate, is left out. */
void peerconn_trickled(struct peerconn *pc, const char *candidate);
/** Post a command for it; false when its worker's queue is full, or its share of that. */
bool peerconn_post(const struct peerconn *pc, struct cmd *c);

/** The one of an id, NULL: gone or closing. */
struct peerconn *peerconn_find(uint64_t peer);
/** Has it been let go of, and its worker not yet? */
bool peerconn_is_closing(uint64_t peer);
/** The worker has let go of a peer: its slot is free. */
void peerconn_retired(uint64_t peer);
/** Walk all of them: start with *slot = 0, until NULL comes back. */
struct peerconn *peerconn_each(uint32_t *slot);
/** The same, but only those that have a handle. */
struct peerconn *peerconn_next(uint32_t *slot);

/* Queries; NULL is a PeerConnection that does not exist. */
bool peerconn_offer_pending(const struct peerconn *pc);
bool peerconn_agreed(const struct peerconn *pc);
/** Does the m-line send (or receive), as agreed or as offered by us and not answered yet? */
bool peerconn_has(const struct peerconn *pc, unsigned mindex, enum cardea_dir dir);
