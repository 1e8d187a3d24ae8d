/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** @file
 * What a peer's packets become on their way to usrsctp, so that it neither holds too much nor hears
 * what it would get wrong. Packets are changed in place. The secure thread. */
struct sctp;

/** Give usrsctp a packet as if it came from the peer. */
void sctp_feed(const struct sctp *s, const uint8_t *packet, size_t len);
/** All of a packet but its data; see sctp_split(). */
void sctp_in_control(struct sctp *s, uint8_t *packet, size_t len);
/** Its data alone. */
void sctp_in_data(struct sctp *s, uint8_t *packet, size_t len);
