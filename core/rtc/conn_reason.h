/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../router/reason.h"

/** @file
 * Why a PeerConnection as a whole carries nothing, and what only its worker sees: the codes behind
 * those of the router. */
enum conn_why_code {
	WHY_NO_DESCRIPTION = WHY_ROUTER_END, /**< the peer's side of ICE is not known yet */
	WHY_ICE_UNHEARD,                     /**< no check of the peer's ever came */
	WHY_ICE_REFUSED,                     /**< checks came, none was authentic */
	WHY_DTLS_UNHEARD,                    /**< ICE is up, and no handshake came */
	WHY_DTLS_UNFINISHED,
	WHY_NO_CONSENT,  /**< the peer does not answer our checks any more (RFC 7675) */
	WHY_SOCKET_FULL, /**< datagrams are dropped because the socket takes no more */
	WHY_QUIET,       /**< video leaves, and not even a report comes back; of its m-line */
	WHY_RTC_END,
};
#define WHY_OF_PEER 0xffff /**< in the place of an m-line's index */
