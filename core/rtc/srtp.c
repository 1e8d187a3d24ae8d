/* SPDX-License-Identifier: Apache-2.0 */
#include "gcm.h"
#include "srtp.h"

bool srtp_profile_lens(uint16_t profile, size_t *key_len, size_t *salt_len)
{
	switch (profile) {
	case SRTP_PROFILE_CM_80:
	case SRTP_PROFILE_CM_32:
		*key_len = 16;
		*salt_len = 14;
		return true;
	case SRTP_PROFILE_GCM_128:
		*key_len = 16;
		*salt_len = 12;
		return true;
	case SRTP_PROFILE_GCM_256:
		*key_len = 32;
		*salt_len = 12;
		return true;
	}
	return false;
}

bool srtp_has(enum srtp_engine engine)
{
	return engine != SRTP_IPSEC_MB || gcm_has_imb();
}

enum err srtp_new(struct srtp **out, enum srtp_engine engine, const struct srtp_keys *keys)
{
	if (engine == SRTP_LIBSRTP2)
		return srtp_new_lib(out, keys);
	if (!srtp_has(engine))
		return ERR_UNSUPPORTED;
	enum err e = srtp_new_fast(out, keys, engine != SRTP_EVP && gcm_has_imb());
	return e == ERR_UNSUPPORTED && engine == SRTP_AUTO ? srtp_new_lib(out, keys) : e;
}

const char *srtp_gcm_name(enum srtp_engine engine)
{
	if (engine == SRTP_LIBSRTP2)
		return "libsrtp2";
	return engine != SRTP_EVP && gcm_has_imb() ? "libipsec-mb" : "OpenSSL";
}
