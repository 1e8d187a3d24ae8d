/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/err.h"

/** @file
 * RTCP compounds (RFC 3550, 4585, 5104; REMB and transport-wide feedback drafts): a reader that
 * walks them and a writer that builds them. Pure functions, any thread. */
enum rtcp_kind {
	RTCP_SR = 1,
	RTCP_REPORT_BLOCK,
	RTCP_BYE,
	RTCP_NACK,
	RTCP_PLI,
	RTCP_FIR,
	RTCP_REMB,
	RTCP_TWCC,
};

/** One item of a compound. */
struct rtcp_item {
	enum rtcp_kind kind;
	uint32_t sender; /**< SSRC of the packet's sender */
	uint32_t ssrc;   /**< the media source it is about */
	union {
		struct {
			uint64_t ntp;
			uint32_t rtp_ts, packets, octets;
		} sr;
		struct {
			uint8_t fraction;
			int32_t lost;
			uint32_t highest, jitter, lsr, dlsr;
		} block;
		struct {
			uint16_t pid, blp;
		} nack; /**< one item per FCI entry */
		struct {
			uint8_t seq;
		} fir;
		struct {
			uint64_t bps;
		} remb;
		/** from base sequence number on */
		struct {
			const uint8_t *fci;
			size_t len;
		} twcc;
	};
};
/** Walk a plaintext compound and call @p fn for each item; unknown packets are skipped.
 *  @return ERR_INVALID at the first malformed packet (items before it have been reported). */
enum err rtcp_walk(const uint8_t *data, size_t len,
	void (*fn)(void *arg, const struct rtcp_item *item), void *arg);

/** A compound under construction. When something does not fit it is left out and `full` set. */
struct rtcp_buf {
	uint8_t *data;
	size_t len, size;
	bool full;
};
struct rtcp_block {
	uint32_t ssrc;
	uint8_t fraction;
	int32_t lost;
	uint32_t highest, jitter, lsr, dlsr;
};
void rtcp_put_sr(struct rtcp_buf *b, uint32_t ssrc, uint64_t ntp, uint32_t rtp_ts, uint32_t packets,
	uint32_t octets, const struct rtcp_block *blocks,
	unsigned n_blocks); /**< at most 31 blocks */
void rtcp_put_rr(
	struct rtcp_buf *b, uint32_t ssrc, const struct rtcp_block *blocks, unsigned n_blocks);
void rtcp_put_sdes(struct rtcp_buf *b, uint32_t ssrc, const char *cname);
void rtcp_put_bye(struct rtcp_buf *b, uint32_t ssrc);
/** @p seqs ascending; packed into as few FCI entries as possible. */
void rtcp_put_nack(
	struct rtcp_buf *b, uint32_t sender, uint32_t media, const uint16_t *seqs, unsigned n);
void rtcp_put_pli(struct rtcp_buf *b, uint32_t sender, uint32_t media);
void rtcp_put_fir(struct rtcp_buf *b, uint32_t sender, uint32_t media, uint8_t seq);
void rtcp_put_remb(
	struct rtcp_buf *b, uint32_t sender, uint64_t bps, const uint32_t *ssrcs, unsigned n);
/** Transport-wide feedback. @p at_us[i]: arrival of sequence number base+i, -1: not received. @p
 *  count is the feedback packet count. Writes as many as fit. @return sequence numbers covered. */
unsigned rtcp_put_twcc(struct rtcp_buf *b, uint32_t sender, uint32_t media, uint16_t base,
	const int64_t *at_us, unsigned n, uint8_t count);
