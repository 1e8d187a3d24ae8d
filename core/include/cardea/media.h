/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cardea/log.h>

/** @file
 * Media descriptions as structs: an SDP offer or answer, less everything that is
 * transport. Plugins read the peer's description, decide per m-line, and give their own back; the
 * core writes the SDP. Directions are always the server's: an offer's a=sendonly is CARDEA_RECV
 * here. Control thread. */

/** What an m-line carries. */
enum cardea_kind { CARDEA_AUDIO = 1, CARDEA_VIDEO, CARDEA_DATA, CARDEA_OTHER };

/** Who sends, as the server sees it; bits. */
enum cardea_dir { CARDEA_INACTIVE = 0, CARDEA_SEND = 1, CARDEA_RECV = 2, CARDEA_SENDRECV = 3 };

/** Codecs that are routed with knowledge of their payload, or at least by name. */
enum cardea_codec_id {
	CARDEA_CODEC_NONE = 0,
	CARDEA_OPUS,
	CARDEA_MULTIOPUS,
	CARDEA_G722,
	CARDEA_PCMU,
	CARDEA_PCMA,
	CARDEA_ISAC32,
	CARDEA_ISAC16,
	CARDEA_L16_48,
	CARDEA_L16,
	CARDEA_VP8,
	CARDEA_VP9,
	CARDEA_H264,
	CARDEA_AV1,
	CARDEA_H265,
	CARDEA_N_CODECS
};
/** The API's lower-case name ("opus", "vp8", …); NULL for CARDEA_CODEC_NONE. */
CARDEA_API const char *cardea_codec_name(enum cardea_codec_id id);
/** any case; NONE if unknown */
CARDEA_API enum cardea_codec_id cardea_codec_by_name(const char *name);
/** CARDEA_OTHER if unknown */
CARDEA_API enum cardea_kind cardea_codec_kind(enum cardea_codec_id id);

/** RTCP feedback (RFC 4585), as bits. */
enum {
	CARDEA_FB_NACK = 1,
	CARDEA_FB_PLI = 2,
	CARDEA_FB_FIR = 4,
	CARDEA_FB_REMB = 8,
	CARDEA_FB_TWCC = 16,
};

/** RTP header extensions the core knows (RFC 8285). Bits of a mask are 1u << x. A new one comes
 *  before CARDEA_N_EXT; CONTRIBUTING.md has the steps. */
enum cardea_ext {
	CARDEA_EXT_MID,
	CARDEA_EXT_RID,
	CARDEA_EXT_RRID,
	CARDEA_EXT_AUDIO_LEVEL,
	CARDEA_EXT_ORIENTATION,
	CARDEA_EXT_PLAYOUT_DELAY,
	CARDEA_EXT_TWCC,
	CARDEA_EXT_ABS_SEND_TIME,
	CARDEA_EXT_ABS_CAPTURE_TIME,
	CARDEA_EXT_DEPENDENCY,
	CARDEA_EXT_LAYERS,
	CARDEA_EXT_TOFFSET,
	CARDEA_N_EXT
};
/** Room for extensions that are yet to come: structs of plugins do not grow with them. */
#define CARDEA_EXT_MAX 16
/** All that are carried to subscribers or serve the server itself: what a plugin accepts that wants
 *  none in particular. The rest is of use to who reads it alone. */
#define CARDEA_EXTS_USED \
	(((1u << CARDEA_N_EXT) - 1) & ~(1u << CARDEA_EXT_LAYERS | 1u << CARDEA_EXT_TOFFSET))

#define CARDEA_MID_MAX   16  /**< characters in a mid or rid */
#define CARDEA_LAYERS    3   /**< simulcast layers of one m-line */
#define CARDEA_MEDIA_MAX 256 /**< m-lines of one description */

/** One payload type of an m-line. RTX is folded into the codec it repairs, redundant audio (RFC
 *  2198) into the one it carries. */
struct cardea_codec {
	enum cardea_codec_id id; /**< NONE: known by name only */
	char name[24];           /**< as in a=rtpmap, lower case */
	uint32_t clock_hz;
	uint8_t channels;
	uint8_t pt;
	uint8_t rtx_pt;    /**< 0: none */
	uint8_t red_pt;    /**< of redundant audio, 0: none */
	uint32_t feedback; /**< CARDEA_FB_… */
	char fmtp[256];    /**< parameters as in a=fmtp, without the payload type */
};

/** One m-line. */
struct cardea_media {
	enum cardea_kind kind;
	enum cardea_dir dir; /**< the server's direction */
	bool rejected;       /**< port 0 (and not bundle-only), or it cannot be carried */
	bool has_mid;
	char mid[CARDEA_MID_MAX + 1];
	struct cardea_codec *codecs; /**< in the order of the m-line; owned by the description */
	unsigned n_codecs;
	uint8_t ext[CARDEA_EXT_MAX]; /**< id of each known extension; 0: absent */
	/** simulcast by rid: highest layer last (see n_layers) */
	char rids[CARDEA_LAYERS][CARDEA_MID_MAX + 1];
	/** simulcast layers, 0: none. Index 0 is the lowest quality, as in the API's substream */
	unsigned n_layers;
	bool rids_high_first; /**< order of the a=rid lines, to be mirrored */
	/** the peer lists redundant audio before the codec that it carries: it would rather use
	 *  that */
	bool red_first;
	uint32_t ssrc[CARDEA_LAYERS], rtx_ssrc[CARDEA_LAYERS]; /**< announced by the peer, 0: not */
	char stream[64], track[64]; /**< a=msid of the describing side; empty: absent */
	bool svc;                   /**< the client announces scalable video on one SSRC */
	char scalability[16];       /**< "L3T3_KEY", …; empty: unknown */
	unsigned bandwidth_bps;     /**< ours: written as a b= line, 0: none */
	uint8_t rids_paused;        /**< bit x: the peer begins with layer x paused */
	bool rids_alone; /**< there were a=rid lines and no a=simulcast, to be mirrored */
	/** simulcast was described as in the drafts before RFC 8853, to be mirrored */
	bool rids_old_form;
	/** as in the m= line, to be answered in kind; ours, empty: the usual one */
	char type[16], proto[32];
	/** m-lines of the same BUNDLE group share a transport (RFC 9143); 0: in none, it has its
	 *  own */
	uint16_t group;
	uint16_t group_place;                 /**< of its mid in the group, from 0 */
	bool rtcp_mux, rtcp_rsize, mixed_ext; /**< of this m-line (RFC 5761, 5506, 8285) */
	bool old_sctpmap; /**< data channels as before RFC 8841: the format is the port */
	/** Of those in ext (bits 1u << x): what only the server reads, or only the server says (RFC
	 *  8285, section 5); the rest goes both ways. */
	uint16_t ext_recv_only, ext_send_only;
};

/** Which half of an exchange a description is. */
enum cardea_desc_type { CARDEA_OFFER = 1, CARDEA_ANSWER };

/** A description: the peer's as received (read only), or the plugin's own. */
struct cardea_desc {
	enum cardea_desc_type type;
	bool update;    /**< the handle has a PeerConnection already: this changes it */
	bool e2ee;      /**< payloads are encrypted end to end */
	bool restart;   /**< ours: make new ICE credentials */
	bool mixed_ext; /**< a=extmap-allow-mixed for all (RFC 8285) */
	char name[64];  /**< ours: the s= line; empty: "-" */
	unsigned n_media;
	struct cardea_media *media; /**< owned by the description */
	/** of a peer's: its transport, for the core; owned */
	struct sdp_lines *lines;
};

/** An answer to @p offer: same m-lines and mids, every one of them rejected until accepted below.
 *  @return owned by the caller until given away with cardea_event(). */
CARDEA_API struct cardea_desc *cardea_answer_new(const struct cardea_desc *offer);
/** An empty offer. For a renegotiation, add again every m-line there was, in order. */
CARDEA_API struct cardea_desc *cardea_offer_new(void);
CARDEA_API void cardea_desc_free(struct cardea_desc *d); /**< NULL is fine. */

/** How to accept one m-line of an offer. Unset members are 0. */
struct cardea_accept {
	size_t size;         /**< sizeof(struct cardea_accept) */
	enum cardea_dir dir; /**< what the server does; limited to what the offer allows */
	int codec;           /**< index into the offer's codecs */
	uint32_t exts;       /**< bits of the extensions to accept where offered */
	uint32_t feedback;   /**< CARDEA_FB_… to accept where offered */
	/** parameters to answer with; NULL: the offer's (Opus: see cardea_opus_fmtp) */
	const char *fmtp;
	bool no_rtx;
	unsigned bandwidth_bps; /**< b= line; 0: none */
	/** accept redundant audio where offered. Not with e2ee: then nobody could take it apart
	 *  again for receivers that did not agree to it */
	bool red;
};
/** Accept m-line @p mindex of an answer made by cardea_answer_new(). Data m-lines take only `dir`.
 *  It stays rejected when it cannot share the transport of one that is accepted already: there is
 *  one a handle. */
CARDEA_API void cardea_accept(struct cardea_desc *answer, const struct cardea_desc *offer,
	unsigned mindex, const struct cardea_accept *how);

/** Find the first codec of @p m that is @p id; a profile (VP9 profile-id, H.264 profile-level-id)
 *  is preferred.
 *  @return its index in m->codecs, or -1. */
CARDEA_API int cardea_pick(
	const struct cardea_media *m, enum cardea_codec_id id, const char *profile);
/** @return the index of the first codec that Cardea routes, or -1. */
CARDEA_API int cardea_pick_first(const struct cardea_media *m);
/** Value of one fmtp parameter ("profile-id") into @p out. @return false when absent. */
CARDEA_API bool cardea_fmtp_get(const char *fmtp, const char *name, char *out, size_t size);

/** Opus parameters of an answer: what was offered of useinbandfec, usedtx, stereo and sprop-stereo,
 *  as far as allowed. */
CARDEA_API void cardea_opus_fmtp(char *out, size_t size, const char *offered, bool fec, bool dtx);

/** One m-line of an offer of ours. Unset members are 0. */
struct cardea_offered {
	size_t size; /**< sizeof(struct cardea_offered) */
	enum cardea_kind kind;
	enum cardea_dir dir;
	enum cardea_codec_id codec;
	const char *fmtp; /**< NULL: none */
	const char *mid;  /**< NULL: the m-line index */
	/** bits to offer; the core has canonical ids and payload types */
	uint32_t exts, feedback;
	const char *stream, *track; /**< a=msid; NULL: "janus" and "janus<mid>" */
	bool red;                   /**< Opus: offer redundant audio too (RFC 2198) */
};
/** Append an m-line. @return its index, or -1 at CARDEA_MEDIA_MAX. */
CARDEA_API int cardea_offer_add(struct cardea_desc *offer, const struct cardea_offered *line);
