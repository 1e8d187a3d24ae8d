/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * How urgent a datagram is: set by who sends it (udp.h), acted on when the socket is full
 * (udp_out.c). */

/** What has to wait or is dropped first when the socket is full. */
enum udp_class {
	UDP_URGENT, /**< STUN, DTLS, RTCP, audio: waits longest, is dropped last */
	UDP_VIDEO,  /**< dropped when it is older than five milliseconds */
};
