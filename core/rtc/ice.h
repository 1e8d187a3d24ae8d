/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "addr.h"

/** @file
 * What an ICE back end offers to the worker: it finds out which peer a datagram belongs to, and
 * which path leads to a peer. Here the mux: ICE-lite (RFC 8445, section 2.5) on one port shared by
 * all peers. One thread. */
struct ice;

struct ice_ops {
	/** Send a STUN answer. Borrowed until the call returns. */
	void (*send)(void *arg, const struct path *path, const uint8_t *data, size_t len);
	/** A valid check came: the peer is there and wants our media. */
	void (*heard)(void *arg, uint32_t slot);
	/** The path to the peer is known for the first time, or has changed. */
	void (*path)(void *arg, uint32_t slot, const struct path *path);
};

struct ice *ice_create(unsigned max_peers, const struct ice_ops *ops, void *arg);
void ice_destroy(struct ice *i);

/** Expect the peer in @p slot under credentials of ours. ERR_EXISTS: the ufrag or the slot is
 * taken, ERR_FULL. */
enum err ice_open(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd);
/** Credentials of an ICE restart: the old ones are good until the new ones have been used. */
enum err ice_restart(struct ice *i, uint32_t slot, const char *ufrag, const char *pwd);
void ice_close(struct ice *i, uint32_t slot); /**< Not open: fine. */

/** A STUN datagram: answered, and told to the peer it belongs to. Garbage is met with silence. */
void ice_stun(struct ice *i, const struct path *from, const uint8_t *data, size_t len);
/** Whose datagrams come on this path? Only paths on which a valid check came count. @return a slot,
 * -1: nobody's. */
int64_t ice_find(const struct ice *i, const struct path *from);
