/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../core/rtc/sctp_packet.h"
#include "sctp_ends.h"

/** @file
 * Packets in the name of the first end, which has no channels, that no sender which keeps the rules
 * would send. TSNs are counted from the last that it has sent itself, requests from the first TSN.
 */
extern const uint8_t OPEN_CHAT[16];

size_t forge_begin(uint8_t *packet);
void forge_feed(uint8_t *packet, size_t len);

/* @param flags 1: last, 2: first, 4: unordered. @return where the next chunk begins */
size_t forge_piece(uint8_t *packet, size_t at, uint32_t tsn, uint16_t stream, uint16_t ssn,
	uint8_t flags, size_t len);

/* One piece of a message, and a chunk of @p pad bytes to be skipped (RFC 4820) behind it. */
void forge_data(uint32_t tsn, uint16_t stream, uint16_t ssn, uint8_t flags, size_t len, size_t pad);

/* Two pieces of a message in one packet. */
void forge_two(uint32_t tsn, uint16_t stream, uint8_t flags, uint8_t next, size_t len);
enum forward { LISTS, LISTS_NONE, FALSE_TAG, BEHIND_UNKNOWN };
/* RFC 3758, 3.2; the last two are not heard. */
void forge_forward(uint32_t tsn, uint16_t stream, uint16_t ssn, enum forward how);

/* The first end would reset @p n streams behind a TSN (RFC 6525, 4.1). */
void forge_reset(uint32_t request, uint32_t tsn, unsigned first, unsigned n);

/* @return how the last of what is on its way to the peer answers a request, 0: not at all */
unsigned answered(uint32_t request);

/* Let time pass, and no packets: the end in whose name they are forged would end it all, as it gets
 * acknowledged what it has never sent. */
void pass_mute(unsigned ms);
