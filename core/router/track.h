/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>

/** @file
 * What was negotiated for one m-line, as a flat value: it travels from the control thread to a
 * worker. */
struct track {
	uint16_t mindex;
	uint8_t kind;       /**< enum cardea_kind */
	uint8_t dir;        /**< enum cardea_dir, the server's */
	uint8_t codec;      /**< enum cardea_codec_id */
	uint8_t pt, rtx_pt; /**< rtx_pt 0: no RTX */
	uint8_t channels;
	uint32_t clock_hz;
	uint32_t feedback;  /**< CARDEA_FB_… */
	uint8_t rtcp_rsize; /**< feedback may go without the rest of a compound (RFC 5506) */
	char mid[CARDEA_MID_MAX + 1];
	uint8_t ext[CARDEA_N_EXT]; /**< negotiated ids, 0: off */
	/** of these, bits 1u << x: only read, only written; the rest is both */
	uint16_t ext_recv_only, ext_send_only;
	uint8_t red_pt; /**< of redundant audio (RFC 2198), 0: none */
	/* what comes in */
	uint8_t n_layers; /**< simulcast; 0: none */
	/** index 0: lowest quality; empty strings: simulcast by SSRC */
	char rids[CARDEA_LAYERS][CARDEA_MID_MAX + 1];
	/** announced by the peer; 0: to be learned */
	uint32_t ssrc[CARDEA_LAYERS], rtx_ssrc[CARDEA_LAYERS];
	uint8_t svc;
	/* what goes out */
	uint32_t out_ssrc, out_rtx_ssrc; /**< ours, 0 when never sending */
};
