/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * How large a request may be, how many may wait for the control thread, of a client, of an
 * address and of all, and how often a client may ask. transport_inbox.c asks it for each that
 * comes. A client is a connection or, where a transport's clients have one name
 * (cardea_transport.by_address), an address. Any thread: a lock is held for a look-up. */
struct intake_client;

enum intake {
	INTAKE_TAKEN,
	INTAKE_ENOUGH, /**< taken, and its client has so many waiting that it is read no more */
	INTAKE_OFTEN,  /**< refused: it asks more often than general.requests_per_second */
	INTAKE_FULL,   /**< refused: too many wait, of its address or of all */
};

/** @param requests_per_s of one client; 0: no bound
 *  @param max_message bytes of one message: cardea_max_message() */
void intake_start(unsigned requests_per_s, size_t max_message);
void intake_stop(void); /**< When nothing waits any more. */
/** A request has come. @param who its client, for intake_done(); only set when it is taken */
enum intake intake_ask(
	struct intake_client **who, const struct cardea_origin *from, int64_t now_us);
/** What was asked for is as much work as so many requests more: its client has asked those, too. */
void intake_charge(const struct cardea_origin *from, unsigned requests, int64_t now_us);
/** It does not wait any more. @return its client was told to wait, and may be read on from here */
bool intake_done(struct intake_client *who, const struct cardea_origin *from);
/** A connection is gone. */
void intake_gone(const struct cardea_transport *t, uint64_t client);
/** Clients that are known now. */
unsigned intake_clients(void);
