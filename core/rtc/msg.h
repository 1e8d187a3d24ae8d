/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <netinet/in.h>
#include "../router/router.h"
#include "conn_reason.h"
#include "dtls_role.h"
#include "fingerprint.h"

/** @file
 * What the control thread and the workers say to each other: flat values, no pointers. A peer id is
 * slot + generation from one table of the control thread (base/id.h); all workers index by its
 * slot. A command for a peer that is gone is dropped. */
struct addr { /**< an IPv4 or IPv6 address and port */
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

enum cmd_type {
	CMD_PEER_OPEN = 1,
	CMD_PEER_ICE,
	CMD_TRACK,
	CMD_PEER_CLOSE,
	CMD_ROUTE,
	CMD_UNROUTE,
	CMD_KEYFRAME,
	CMD_MUTE,
	CMD_LIMIT,
	CMD_WATCH_LEVEL,
	CMD_STATS,
	CMD_SINK_OPEN, /**< of no peer, as the next two; its source is checked to be there still */
	CMD_SINK_CLOSE,
	CMD_SINK_KEYFRAME,
	CMD_SOURCE_OPEN, /**< of no peer, as the next: what fills receivers in a peer's place */
	CMD_SOURCE_CLOSE,
	CMD_CAPTURE, /**< from now on all that a peer sends and gets goes into a capture */
	CMD_TUNE,    /**< of no peer: for the whole worker */
};

#define ICE_UFRAG_MAX 256 /**< RFC 8839 */
#define ICE_PWD_MAX   256
#define ICE_OUR_UFRAG 12
#define ICE_OUR_PWD   24

/** Everything needed to bring a PeerConnection up. */
struct cmd_peer_open {
	char ufrag[ICE_OUR_UFRAG + 1], pwd[ICE_OUR_PWD + 1]; /**< ours */
	/** empty until an answer to our offer gives them */
	char peer_ufrag[ICE_UFRAG_MAX + 1], peer_pwd[ICE_PWD_MAX + 1];
	/** of the peer's certificate; none: not known yet. None of them that of the certificate it
	 *  has shown: a new DTLS association (RFC 8842) */
	struct fingerprints fingerprints;
	enum dtls_role dtls_role;
	/** of the peer's data channels; 0: none are agreed on */
	uint16_t sctp_port;
	uint32_t sctp_max; /**< bytes of a message that it takes, 0: any */
	/** of the association: with another one the old one ends */
	uint32_t sctp_number;
};

struct cmd {
	uint32_t type; /**< enum cmd_type */
	uint32_t pad;
	uint64_t peer;
	union {
		/** CMD_PEER_OPEN; CMD_PEER_ICE: later changes (answer came, ICE restart), same
		 *  fields; an empty ufrag keeps our credentials */
		struct cmd_peer_open open;
		struct track track;
		struct route route; /**< slots are those of ids that control has checked */
		struct {
			uint16_t mindex;
		} unroute, keyframe;
		struct {
			uint16_t mindex;
			uint8_t on;
		} mute;
		struct {
			uint32_t bps;
		} limit;
		struct {
			uint16_t mindex;
			uint16_t packets;
			uint8_t level;
		} watch;
		struct {
			uint64_t cookie;
		} stats;
		struct router_tuning tuning;
		struct sink_want sink;
		struct {
			uint64_t id;
		} sink_id, source_id;
		struct source_want source;
		struct {
			uint64_t id;
			uint32_t truncate; /**< bytes of a packet that are kept; 0: all */
			uint8_t on;
		} capture;
		struct {
			uint8_t silent;
		} close; /**< 0: send close_notify */
	};
};
/** Bytes of a command that carry meaning: pushing only these keeps batches small. */
size_t cmd_len(enum cmd_type type);

enum report_type {
	REP_CONNECTED = 1, /**< ICE and DTLS are up */
	REP_FAILED,        /**< the PeerConnection is lost; control must still close it */
	/** answer to CMD_PEER_CLOSE, even where opening had failed: the slot is free */
	REP_RETIRED,
	REP_RECEIVING,
	REP_LAYER,
	REP_TALKING,
	REP_SLOW_LINK,
	REP_ESTIMATE,
	REP_STATS,
	REP_WHY, /**< a reason has lasted, or its end; see router/why.h */
};
enum failure {
	FAIL_ICE = 1, /**< never connected */
	FAIL_CONSENT, /**< connected, then silent */
	FAIL_DTLS_ALERT,
	FAIL_DTLS_TIMEOUT,
	FAIL_DTLS_ERROR,
	FAIL_FULL,
};

/** tracks in one REP_STATS; more come in further reports with the same cookie */
#define STATS_TRACKS 16
struct peer_stats {
	uint64_t cookie;
	uint8_t last; /**< no further report with this cookie follows */
	uint8_t connected, dtls_server, dtls_connected;
	uint8_t is_described;      /**< the peer's side of ICE is known */
	uint8_t is_proven;         /**< the selected pair is: it can be used */
	uint8_t failure;           /**< enum failure, 0: not */
	uint16_t srtp_profile;     /**< the IANA number, 0: none */
	struct addr local, remote; /**< selected pair; family 0: none */
	int64_t opened_us, ice_connected_us, dtls_started_us, dtls_connected_us, failed_us;
	/** its datagrams, those that carry data channels too */
	struct {
		uint64_t packets, bytes;
	} dtls_in, dtls_out;
	uint32_t dtls_repeats; /**< flights of ours that had to be sent again */
	uint32_t n_queued;     /**< datagrams that wait until the path may have them */
	uint64_t too_large;    /**< packets that were not sent because of their size */
	struct why why;        /**< of the whole PeerConnection */
	unsigned n_tracks;
	struct track_stats tracks[STATS_TRACKS];
};

struct report {
	uint32_t type; /**< enum report_type */
	uint32_t worker;
	uint64_t peer;
	union {
		struct {
			struct addr local, remote;
			uint16_t srtp_profile;
		} connected;
		struct {
			uint8_t why;
		} failed; /**< enum failure */
		struct {
			uint16_t mindex;
			int8_t substream;
			uint8_t on;
			uint32_t seconds;
		} receiving;
		struct {
			uint16_t mindex;
			int8_t substream, temporal, spatial;
		} layer;
		struct {
			uint16_t mindex;
			uint8_t talks;
			double avg;
		} talking;
		struct {
			uint16_t mindex;
			uint8_t uplink;
			uint32_t lost;
		} slow_link;
		struct {
			uint64_t bps;
		} estimate; /**< the peer's, by REMB */
		struct {
			uint16_t mindex; /**< WHY_OF_PEER: of all */
			uint8_t sends;
			struct why why;
		} why;
		struct peer_stats stats;
	};
};
size_t report_len(enum report_type type);
