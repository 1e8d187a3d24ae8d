/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/wheel.h"
#include "addr.h"

/** @file
 * What an ICE back end offers to the worker: it finds out whose a datagram is, and which path leads
 * to a peer. Here the mux: ICE-lite (RFC 8445, section 2.5) on one port shared by all peers, which
 * makes checks of its own nevertheless: a source address may be forged, and a valid request may be
 * a copy, so neither says that the peer is there. A path is *proven* by the answer to a check of
 * ours, with 96 random bits that went nowhere else, or by a DTLS handshake over it. Until then it
 * gets three times the bytes that came from it at most, and nothing moves to it. One thread. */
struct ice;

struct ice_ops {
	/** Send a STUN message. Borrowed until the call returns. */
	void (*send)(void *arg, const struct path *path, const uint8_t *data, size_t len);
	/** The peer is there and wants what we send: it has answered a check of ours on the path
	 * that it is sent on (RFC 7675). Of one that never answered any: a valid check came. */
	void (*heard)(void *arg, uint32_t slot);
	/** The path to the peer is known for the first time, or has changed. */
	void (*path)(void *arg, uint32_t slot, const struct path *path);
};

/** How one peer uses a path. */
struct ice_way {
	uint32_t slot;
	bool is_proven;
	bool is_plain; /**< proven, selected, and of this peer alone: nothing here to watch */
};

struct ice *ice_create(unsigned max_peers, const struct ice_ops *ops, void *arg);
void ice_destroy(struct ice *i); /**< NULL is fine. */
/** Repeat our checks, and ask for consent, by timers of @p wheel, which is borrowed. Once, before
 * the first peer; without, a check is made once and consent is not asked for. */
void ice_timers(struct ice *i, struct wheel *wheel);

/** Expect the peer in @p slot under credentials of ours. ERR_EXISTS: the ufrag or the slot is
 * taken, ERR_FULL. */
enum err ice_open(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd);
/** The peer's own credentials, at most ICE_UFRAG_MAX and ICE_PWD_MAX characters. Until they are
 * known its checks are answered and ours wait. */
enum err ice_peer(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd);
/** Credentials of an ICE restart: the old ones are good until the new ones have been used. The
 * selected path stays until another is proven. */
enum err ice_restart(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd);
void ice_close(struct ice *i, uint32_t slot); /**< Not open: fine. */

/** A STUN datagram: answered, and told to the peer it belongs to, whom its user name names. Garbage
 * is met with silence. */
void ice_stun(struct ice *i, const struct path *from, const uint8_t *data, size_t len);

/** Whose datagrams come on this path? Only paths count on which a valid check or authentic media
 * came. Any number of peers may have claimed one: those who have proven it go before those who have
 * not, who are left out then; of them the newest goes first. @return borrowed until the next call
 * of another function, NULL: nobody's.
 */
struct ice_way *ice_find(const struct ice *i, const struct path *from);
struct ice_way *ice_next(const struct ice_way *w); /**< The next of them. */

/** So many bytes came on a path that is not plain: not STUN, which is counted by itself. */
void ice_credit(struct ice_way *w, size_t len);
/** Is this peer known to be, or claimed to be, there? */
bool ice_is_at(const struct ice *i, uint32_t slot, const struct path *from);
/** Of those who have proven the path this one has had its turn: others go first now. */
void ice_later(struct ice *i, struct ice_way *w);
/** Have several peers claimed this path, none proven it, and may one of them yet? Then nobody gets
 * a handshake from there: for a second from when a peer names its first path, once for each peer,
 * and no longer than until it is proven. @param first as ice_find() gave it */
bool ice_is_contested(const struct ice *i, const struct ice_way *first);
/** A DTLS datagram came on a path that is not plain. While nothing is proven the handshake stays
 * where its first datagram came from. */
void ice_dtls(struct ice *i, struct ice_way *w);
/** Authentic media came from there. They go back there once the path is proven, which is tried at
 * once; to one that is proven already only if none come by the selected path any more (@p
 * is_quiet), since packets overtake each other. */
void ice_media(struct ice *i, uint32_t slot, const struct path *from, size_t len, bool is_quiet);
/** The DTLS handshake is done: the peer has had our flights. @return false: the path that they went
 * over was lost meanwhile, and none is proven */
bool ice_shaken(struct ice *i, uint32_t slot);
/** Is the selected path the peer's? */
bool ice_is_proven(const struct ice *i, uint32_t slot);
/** May so much go to the selected path? What may is counted. */
bool ice_allows(struct ice *i, uint32_t slot, size_t len);
/** When the peer last answered a check of ours on the selected path. @return INT64_MAX: never, so
 * that it cannot be asked for consent */
int64_t ice_consent_us(const struct ice *i, uint32_t slot);
/** Checks of a peer's that came: authentic ones, and others that named it. */
struct ice_heard {
	uint32_t checks, refused;
};
struct ice_heard ice_heard(const struct ice *i, uint32_t slot);
/** Show the counters at /metrics. Once. */
void ice_metrics(void);
