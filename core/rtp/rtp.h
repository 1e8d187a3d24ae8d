/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/buf.h"
#include "../base/err.h"

/** @file
 * RTP packets (RFC 3550) and their header extensions (RFC 8285, one-byte and two-byte forms),
 * plaintext or not: the header is never encrypted. Pure functions, any thread. */
#define RTP_HEADER     12
#define RTP_MAX_HEADER 256 /**< what rtp_write() may produce: fixed header and extensions */

/** Read the fixed header and index the extensions into the packet's fields. data[0…len) is the
 *  whole packet.
 *  @return ERR_INVALID: truncated, wrong version, padding or extension beyond the end. */
enum err rtp_parse(struct pkt *k);
/** First look at a datagram's RTP header, before decryption. @return header length with extensions,
 *  or 0: malformed. */
size_t rtp_header_len(const uint8_t *data, size_t len);

/** The header of an outgoing packet, built per sender. */
struct rtp_out {
	uint8_t pt;
	bool marker;
	uint16_t seq;
	uint32_t ts, ssrc;
	unsigned n_ext;
	struct {
		uint8_t id, len;
		const uint8_t *data;
	} ext[14];
};
/** Write the header with its extensions, in one-byte form unless an element needs the two-byte
 *  form.
 *  @return bytes written (a multiple of 4), 0 when they exceed @p size. */
size_t rtp_write(uint8_t *out, size_t size, const struct rtp_out *h);

/** A packet that leaves: header and payload lie apart, for payloads are shared. */
struct rtp_parts {
	const uint8_t *header, *payload;
	size_t header_len, payload_len;
	/** which one of its SSRC: the sequence number, above it the roll-overs (RFC 3711, 3.3.1),
	 *  48 bits */
	uint64_t index;
	bool again; /**< the very bytes that this index had before */
};

static inline uint16_t rd16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t rd32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}
static inline uint64_t rd64(const uint8_t *p)
{
	return (uint64_t)rd32(p) << 32 | rd32(p + 4);
}
static inline void wr16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline void wr32(uint8_t *p, uint32_t v)
{
	wr16(p, (uint16_t)(v >> 16));
	wr16(p + 2, (uint16_t)v);
}
static inline void wr64(uint8_t *p, uint64_t v)
{
	wr32(p, (uint32_t)(v >> 32));
	wr32(p + 4, (uint32_t)v);
}
/** RTP or RTCP? By the payload type (RFC 5761, section 4). @param data at least two bytes */
static inline bool rtp_is_rtcp(const uint8_t *data)
{
	return data[1] >= 192 && data[1] <= 223;
}
/** Is sequence number a after b (RFC 3550 arithmetic)? */
static inline bool seq_after(uint16_t a, uint16_t b)
{
	return a != b && (uint16_t)(a - b) < 0x8000;
}
