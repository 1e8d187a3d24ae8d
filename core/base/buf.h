/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @file
 * Pools of equal-sized objects and the packets made from them. A pool and all that comes from it
 * belong to one thread; nothing is locked, and nothing is allocated once the pool has grown to what
 * its work needs. */

struct pool;
/** @param max objects at most; memory is taken from the system in chunks as they are first
 *  needed. */
struct pool *pool_create(const char *name, size_t size, unsigned max);
void pool_destroy(struct pool *p);
/** @return uninitialised memory of the pool's size, 16-byte aligned, or NULL when @p max are
 *  out. */
void *pool_take(struct pool *p);
void pool_give(struct pool *p, void *obj); /**< NULL is fine. */
unsigned pool_used(const struct pool *p);
unsigned pool_left(const struct pool *p); /**< how many may still be taken */

#define PKT_CAP 1600 /**< bytes of payload a packet can hold: above any MTU that media meets */

/** What a source (router/source/source.h) sends again from its last keyframe is for those alone who
 *  wait for one. Packets of peers are all of them new. */
enum pkt_again { PKT_NEW, PKT_AGAIN, PKT_AGAIN_LAST };

/** A received packet. RTP fields are filled in by rtp_parse() (core/rtp/rtp.h) once it is in the
 *  clear. */
struct pkt {
	struct pool *pool;
	uint32_t refs;
	uint32_t ssrc;
	uint32_t ts;          /**< RTP timestamp */
	uint16_t seq;         /**< RTP sequence number */
	uint16_t len;         /**< bytes in data */
	uint16_t payload;     /**< offset of the RTP payload in data */
	uint16_t payload_len; /**< without padding */
	uint8_t pt;
	bool marker;
	uint8_t again; /**< enum pkt_again: of a source */
	/** where the header extension element of id 1…14 begins in data; 0: absent */
	uint16_t ext_off[16];
	uint8_t ext_len[16]; /**< and its length */
	int64_t at_us;       /**< when the batch it came in was read */
	uint8_t data[PKT_CAP];
};

/** @return a packet with one reference, or NULL when the pool is empty. */
struct pkt *pkt_take(struct pool *p);
struct pkt *pkt_ref(struct pkt *k); /**< @return k, with one more reference */
/** one reference less; the last gives it back. NULL is fine. */
void pkt_drop(struct pkt *k);
