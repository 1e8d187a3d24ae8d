/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../router/router.h"
#include "srtp.h"

/** @file
 * What the media side is started with: filled by control, read by the door (rtc.h), by each worker,
 * and by who only wants to know what it would mean (preview.h). */
struct rtc_conf {
	unsigned workers;  /**< 1…64 */
	uint16_t udp_port; /**< of worker 0; worker n uses udp_port + n; 0: any (tests) */
	bool ipv6, ipv6_linklocal;
	/** interface names or address prefixes, comma separated; NULL: none */
	const char *enforce_list, *ignore_list;
	const char *nat_1_1; /**< public addresses, comma separated; NULL: none */
	bool keep_private_host;
	/** DTLS certificate; NULL: an ECDSA P-256 made now */
	const char *cert_pem, *cert_key, *cert_pwd;
	bool rsa;
	int mtu;               /**< DTLS */
	int dscp;              /**< 0: none */
	bool gso;              /**< UDP GSO where the kernel has it */
	enum srtp_engine srtp; /**< one that srtp_has() */
	unsigned max_peers;
	int64_t consent_us; /**< silence before a connected peer is lost: 30 s */
	/** no valid check since the peer's description is known: 15 s … */
	int64_t ice_timeout_us;
	int64_t dtls_timeout_us; /**< handshake gives up: 20 s */
	/** of the thread that writes captures, borrowed; NULL: there are none */
	struct queue *captures;
	struct router_conf router; /**< max_peers is filled in from above */
};
