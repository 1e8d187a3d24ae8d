/* SPDX-License-Identifier: Apache-2.0 */
#include "srtp_keys.h"

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
