/* SPDX-License-Identifier: Apache-2.0 */
#include "srtp.h"
#include "gcm.h"

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
