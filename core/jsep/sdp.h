/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "../base/err.h"
#include "../rtc/msg.h"

/** @file
 * SDP text (RFC 8866, RFC 8829) to structs and back. Control thread or any other: no state. */

/** What an SDP says about transport, apart from the media description. */
struct sdp_transport {
	char ufrag[ICE_UFRAG_MAX + 1], pwd[ICE_PWD_MAX + 1];
	struct fingerprints fingerprints;
	enum { SETUP_NONE, SETUP_ACTPASS, SETUP_ACTIVE, SETUP_PASSIVE } setup;
	bool ice_lite, has_candidates;
	/** there are m-lines, but none that has, or needs, a=rtcp-mux: all are rejected */
	bool lacks_mux;
	bool mixed_ext;      /**< a=extmap-allow-mixed of the session */
	char profile[32];    /**< of the first m-line with media: "UDP/TLS/RTP/SAVPF" */
	char data_proto[32]; /**< of the data m-line: "UDP/DTLS/SCTP" or "DTLS/SCTP" */
	bool old_sctpmap;    /**< its form is the old one, with sctpmap */
	uint16_t sctp_port;  /**< of the data m-line; without one: 0 */
	/** its a=max-message-size: 65536 unless it says otherwise; 0: any */
	uint32_t sctp_max;
	char origin_id[32]; /**< session id of o= */
	uint64_t origin_version;
	bool firefox; /**< o= says mozilla: TIAS instead of AS */
};

/** Parse a peer's SDP. Accepts CRLF, LF and CR; bounded in lines and m-lines. What cannot be
 *  carried is rejected: RTP without a=rtcp-mux, data channels without a=sctp-port, a transport
 *  without ICE or DTLS attributes (an error only when it is the first that would be taken). @p
 *  transport is that of the tagged m-line; without any attributes when all m-lines are rejected.
 *  @param rid_low_first the client's rid_order is "lmh": the first a=rid line is the lowest layer
 *  @param desc gets a description owned by the caller (cardea_desc_free), type as given, directions
 *  the server's
 *  @param why 160 bytes: the words of error 465 ("Missing mandatory lines (o=, s= or m=)", …)
 *  @return OK or ERR_INVALID. */
enum err sdp_parse(const char *text, enum cardea_desc_type type, bool rid_low_first,
	struct cardea_desc **desc, struct sdp_transport *transport, char *why);

/** Fill the ICE, DTLS and SCTP members of @p t with what a parsed description says of the transport
 *  of m-line @p mindex (see bundle_tag()); the rest of @p t stays. */
void sdp_transport_of(const struct cardea_desc *d, unsigned mindex, struct sdp_transport *t);

/** What goes around a description of ours when it is printed. */
struct sdp_local {
	const char *ufrag, *pwd, *fingerprint; /**< fingerprint "AA:BB:…" of sha-256 */
	const char *setup;                     /**< "passive", "active" or "actpass" */
	const char *address;                   /**< for o= and c= */
	const char *origin_id;
	uint64_t origin_version;
	const char *profile, *data_proto; /**< of m-lines that have none of their own */
	bool old_sctpmap, firefox;
	/** an offer to one who does not bundle: only the tagged m-line has a port */
	bool bundle_only;
	const char *const *candidates; /**< NULL-terminated, as from rtc_candidate() */
	bool end_of_candidates, ice_lite;
	const struct track *tracks; /**< one per m-line, for SSRCs */
};
/** Print our description in the order of the specification. @return owned by the caller
 *  (free()). */
char *sdp_print(const struct cardea_desc *d, const struct sdp_local *l);
