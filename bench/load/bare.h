/* SPDX-License-Identifier: Apache-2.0 */
/** The bare forwarder (bench/micro/forward) in place of a server: the same media from the same
 *  sockets, measured by the same window, without signalling, ICE, DTLS and RTCP. */
#ifndef LOAD_BARE_H
#define LOAD_BARE_H
#include "client.h"

/** A participant that is up at once. @return a handle without client */
struct handle *bare_create(enum part part, struct handle **feeds, int n_feeds);
#endif
