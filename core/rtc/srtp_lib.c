/* SPDX-License-Identifier: Apache-2.0 */
/* libsrtp2 as an engine of SRTP: behind srtp.h, for the profiles that srtp_fast.c does not have,
 * and as what the tests compare that with. */
#include <arpa/inet.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>
#include "../rtp/rtp.h"
#include "replay.h"
#include "srtp_engine.h"

struct lib {
	struct srtp base;
	srtp_t out, in;
	struct replays sealed; /* it counts roll-overs itself, as we do, but lets indices repeat */
	struct replays opened; /* it keeps every source for ever: which, and no index of theirs */
};
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready;

static void init(void)
{
	is_ready = srtp_init() == srtp_err_status_ok;
}

static void lib_free(struct srtp *s)
{
	struct lib *l = (struct lib *)s;
	if (l->out)
		srtp_dealloc(l->out);
	if (l->in)
		srtp_dealloc(l->in);
	replays_clear(&l->sealed);
	replays_clear(&l->opened);
	free(l);
}

static enum err status(srtp_err_status_t st)
{
	switch (st) {
	case srtp_err_status_ok:
		return OK;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return ERR_EXISTS;
	case srtp_err_status_auth_fail:
	case srtp_err_status_cipher_fail:
		return ERR_DENIED;
	default:
		return ERR_INVALID;
	}
}

static size_t lib_seal(struct srtp *s, struct cm_batch *b, const struct rtp_parts *p, uint8_t *out)
{
	(void)b;
	struct lib *l = (struct lib *)s;
	int len = (int)(p->header_len + p->payload_len);
	uint64_t index = p->index;
	if (replay_claim(&l->sealed, rd32(p->header + 8), &index, p->again))
		return 0;
	memcpy(out, p->header, p->header_len);
	memcpy(out + p->header_len, p->payload, p->payload_len);
	return srtp_protect(l->out, out, &len) ? 0 : (size_t)len;
}

static void lib_forget(struct srtp *s, uint32_t ssrc)
{
	struct lib *l = (struct lib *)s;
	replay_forget(&l->sealed, ssrc);
	srtp_remove_stream(l->out, htonl(ssrc));
}

/* RTP and RTCP of one SSRC share what libsrtp keeps of it. */
static enum err admit(struct lib *l, uint32_t ssrc)
{
	uint32_t gone = 0;
	enum err e = replay_admit(&l->opened, replay_get(&l->opened, ssrc), ssrc, 0, &gone);
	if (gone || e)
		srtp_remove_stream(l->in, htonl(e ? ssrc : gone));
	return e;
}

static enum err lib_open(struct srtp *s, uint8_t *data, size_t *len)
{
	struct lib *l = (struct lib *)s;
	int n = (int)*len;
	if (!rtp_header_len(data, *len))
		return ERR_INVALID;
	enum err e = status(srtp_unprotect(l->in, data, &n));
	*len = (size_t)n;
	return e ? e : admit(l, rd32(data + 8));
}

static size_t lib_seal_rtcp(struct srtp *s, const uint8_t *data, size_t data_len, uint8_t *out)
{
	struct lib *l = (struct lib *)s;
	int len = (int)data_len;
	memcpy(out, data, data_len);
	return srtp_protect_rtcp(l->out, out, &len) ? 0 : (size_t)len;
}

static enum err lib_open_rtcp(struct srtp *s, uint8_t *data, size_t *len)
{
	struct lib *l = (struct lib *)s;
	int n = (int)*len;
	enum err e = status(srtp_unprotect_rtcp(l->in, data, &n));
	*len = (size_t)n;
	return e ? e : admit(l, rd32(data + 4));
}

static const struct srtp_ops lib_ops = { lib_free, lib_seal, lib_forget, lib_open, lib_seal_rtcp,
	lib_open_rtcp, NULL };

static bool set_profile(srtp_policy_t *p, uint16_t profile)
{
	switch (profile) {
	case SRTP_PROFILE_CM_80:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&p->rtp);
		break;
	case SRTP_PROFILE_CM_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&p->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(
			&p->rtcp); /* RFC 5764, 4.1.2: 80 bits for RTCP */
		return true;
	case SRTP_PROFILE_GCM_128:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtp);
		break;
	case SRTP_PROFILE_GCM_256:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtp);
		break;
	default:
		return false;
	}
	p->rtcp = p->rtp;
	return true;
}

enum err srtp_new_lib(struct srtp **out, const struct srtp_keys *keys)
{
	srtp_policy_t p = { .window_size = REPLAY_WINDOW, .allow_repeat_tx = 1 };
	uint8_t master[SRTP_MASTER_MAX];
	if (!set_profile(&p, keys->profile))
		return ERR_UNSUPPORTED;
	pthread_once(&once, init);
	struct lib *l = is_ready ? calloc(1, sizeof(*l)) : NULL;
	if (!l)
		return ERR_FULL;
	l->base.ops = &lib_ops;
	p.key = master;
	memcpy(master, keys->send, sizeof(master));
	p.ssrc.type = ssrc_any_outbound;
	bool failed = srtp_create(&l->out, &p);
	memcpy(master, keys->recv, sizeof(master));
	p.ssrc.type = ssrc_any_inbound;
	if (failed || srtp_create(&l->in, &p)) {
		lib_free(&l->base);
		return ERR_IO;
	}
	*out = &l->base;
	return OK;
}
