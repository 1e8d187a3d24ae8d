/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "../base/err.h"
#include "../rtp/rtp.h"
#include "cm_batch.h"
#include "srtp_keys.h"

/** @file
 * What an engine of SRTP is: the functions that srtp.h calls through, and the engines that there
 * are. Between the seam and srtp_fast.c, srtp_lib.c. */
struct srtp;
struct srtp_ops {
	void (*free)(struct srtp *s);
	size_t (*seal)(struct srtp *s, struct cm_batch *b, const struct rtp_parts *p, uint8_t *out);
	void (*forget)(struct srtp *s, uint32_t ssrc);
	enum err (*open)(struct srtp *s, uint8_t *data, size_t *len);
	size_t (*seal_rtcp)(struct srtp *s, const uint8_t *data, size_t len, uint8_t *out);
	enum err (*open_rtcp)(struct srtp *s, uint8_t *data, size_t *len);
	void (*warm)(const struct srtp *s, unsigned hop); /**< NULL: has none of its own */
};
/** What every engine's state begins with. */
struct srtp {
	const struct srtp_ops *ops;
};

/** Our own: AES-GCM and AES-CM-SHA1-80. @param imb by libipsec-mb, which must be there.
 *  @return ERR_UNSUPPORTED: another profile */
enum err srtp_new_fast(struct srtp **out, const struct srtp_keys *keys, bool imb);
/** libsrtp2: every profile. */
enum err srtp_new_lib(struct srtp **out, const struct srtp_keys *keys);
