/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sdp.h"
#include "sdp_word.h"

/** @file
 * Between the files that read an SDP: sdp_parse.c (lines and session), sdp_media.c (one m-line),
 * sdp_layers.c (its simulcast layers and SSRCs), bundle.c (what shares a transport),
 * sdp_transport.c (ICE and DTLS), sdp_word.c (words); each uses only those behind it. Texts are
 * NUL-terminated pieces of one private copy of the SDP. */

#define SDP_MAX    (256 * 1024) /* bytes of a description */
#define SDP_CODECS 64           /* payload types of one m-line; more are passed over */
#define SDP_RIDS   8            /* a=rid lines of one m-line */
#define SDP_FIDS   8            /* ssrc-group:FID of one m-line */
#define SDP_GROUPS 16           /* BUNDLE groups; what is in a later one is in none */

#define SCTP_MAX_DEFAULT 65536 /* unless a=max-message-size says otherwise (RFC 8841) */

/** ICE and DTLS attributes of one level, the session or an m-line. */
struct sdp_creds {
	char ufrag[ICE_UFRAG_MAX + 1], pwd[ICE_PWD_MAX + 1];
	struct fingerprints fingerprints;
	int setup; /* as in struct sdp_transport */
};
/** Take an attribute ("ice-ufrag", "Xy6u") if it is about transport. @return false when it is not.
 */
bool sdp_creds_attr(struct sdp_creds *c, const char *name, const char *value);
/** Fill @p t: the m-line's word goes before the session's. */
void sdp_creds_merge(
	struct sdp_transport *t, const struct sdp_creds *media, const struct sdp_creds *session);

/** The transport of an m-line. */
struct sdp_line {
	struct sdp_creds creds;
	bool port_zero, bundle_only;
	uint16_t sctp_port; /**< 0: none, so there is no association to be had (RFC 8841) */
	uint32_t sctp_max;
};
/** The same of a whole description: cardea_desc.lines. */
struct sdp_lines {
	struct sdp_creds session;
	struct sdp_line *line; /**< one per m-line, owned */
};
void sdp_lines_free(struct sdp_lines *l); /**< NULL is fine. */

/** What m-lines inherit. */
struct sdp_session {
	enum cardea_dir dir;
	uint8_t ext[CARDEA_EXT_MAX];
	uint16_t ext_recv_only, ext_send_only;
	char *groups[SDP_GROUPS]; /* mids of each BUNDLE group */
	unsigned n_groups;
	bool rid_low_first;
};

/** An m-line while its attributes come in. */
struct sdp_section {
	struct cardea_media *m;
	struct sdp_line line;
	uint8_t slot[128];       /* 1 + index in m->codecs, by payload type */
	uint8_t apt[SDP_CODECS]; /* of RTX codecs: 1 + payload type they repair */
	uint32_t feedback_all;   /* of a=rtcp-fb:* */
	struct {
		char name[CARDEA_MID_MAX + 1];
		bool paused;
	} rids[SDP_RIDS], order[SDP_RIDS];
	unsigned n_rids, n_order;
	uint32_t first_ssrc, sim[CARDEA_LAYERS], fid[SDP_FIDS][2];
	unsigned n_sim, n_fid;
};
/** Begin with the value of an m= line. @p m is zeroed. ERR_INVALID with @p why filled. */
enum err sdp_section_begin(struct sdp_section *s, struct cardea_media *m,
	const struct sdp_session *session, char *value, char *why);
/** Take any attribute; @p value may be cut up. ERR_INVALID with @p why filled. */
enum err sdp_section_attr(struct sdp_section *s, const char *name, char *value, char *why);
/** All attributes are there: fold RTX, order simulcast layers. */
void sdp_section_end(struct sdp_section *s);

/** All m-lines are there: number the BUNDLE groups, and reject what cannot be carried. Sets
 * t->lacks_mux. ERR_INVALID with @p why filled. */
enum err bundle_read(
	struct cardea_desc *d, const struct sdp_session *s, struct sdp_transport *t, char *why);

/** Take an attribute if it is about layers or SSRCs; @p value may be cut up. @return false when it
 * is not. */
bool sdp_layers_attr(struct sdp_section *s, const char *name, char *value);
/** All of them are there: fill in the layers, lowest first, and the SSRCs. */
void sdp_layers_end(struct sdp_section *s);

/** Take an a=extmap. Ids above 14, unknown, encrypted and inactive ones are passed over.
 * @param recv_only, send_only masks, as in struct cardea_media */
void sdp_extmap(uint8_t *ext, uint16_t *recv_only, uint16_t *send_only, const char *value);
