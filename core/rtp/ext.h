/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>

/** @file
 * RTP header extensions (RFC 8285) by URI and by the ids of our offers. */

/** @return never NULL for an extension of enum cardea_ext. */
const char *ext_uri(enum cardea_ext x);
/** @return CARDEA_N_EXT for a URI that is not known. */
enum cardea_ext ext_find(const char *uri);
/** Is it of those that the peer may send us, or that we may send it (RFC 8285, section 5)? */
static inline bool ext_comes(const struct cardea_media *m, enum cardea_ext x)
{
	return m->ext[x] && !(m->ext_send_only & 1u << x);
}
/** The id in our offers: 1…14, one and the same in all m-lines of a bundle. */
uint8_t ext_offer_id(enum cardea_ext x);
/** Does it make sense on m-lines of that kind? */
bool ext_suits(enum cardea_ext x, enum cardea_kind kind);
