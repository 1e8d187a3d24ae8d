/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sha1_mac.h"

/** @file
 * AES-CM with HMAC-SHA1 (RFC 3711) for many outgoing packets at once. SHA-1 of one packet is a
 * chain that no processor can shorten, but libipsec-mb walks 8 or 16 of them side by side: half the
 * price. So a packet is encrypted at once, its tag waits for others, and whoever sends the packet
 * finishes the batch before. Keys are copied into the batch: their owner may go meanwhile. One
 * thread a batch. */
#define CM_TAG 10

struct cm_batch;
struct cm_rounds; /**< an AES-128 key, expanded */

/** @return NULL: not on this machine, or out of memory. */
struct cm_rounds *cm_rounds_new(const uint8_t key[16]);
void cm_rounds_free(struct cm_rounds *r); /**< NULL is fine. */

/** Costs little before its first packet. @return owned by the caller, or NULL. */
struct cm_batch *cm_batch_create(void);
/** What waits is given up, and not touched any more. NULL is fine. */
void cm_batch_destroy(struct cm_batch *b);
/** Encrypt or decrypt @p src to @p dst. @return false: nothing done, the batch cannot work here. */
bool cm_batch_crypt(struct cm_batch *b, const struct cm_rounds *r, const uint8_t iv[16],
	const uint8_t *src, size_t len, uint8_t *dst);
/** Put CM_TAG bytes behind @p data, computed over it and @p roc, by the next cm_batch_finish() at
 * the latest. Until then nothing may move or change there. Only after cm_batch_crypt(). */
void cm_batch_tag(
	struct cm_batch *b, const struct sha1_mac *m, uint8_t *data, size_t len, uint32_t roc);
/** Write all tags that wait. NULL is fine. */
void cm_batch_finish(struct cm_batch *b);
