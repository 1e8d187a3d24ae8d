/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>
#include <cardea/media.h>

/** @file
 * Handles: whose they are, and their end. Control thread. */
struct cardea_handle; /**< a client's use of the plugin, with at most one PeerConnection */

/** the plugin's own pointer, NULL at attach */
CARDEA_API void *cardea_user_data(const struct cardea_handle *h);
/** borrowed: free it at detach */
CARDEA_API void cardea_set_user_data(struct cardea_handle *h, void *data);
/** its number in the API: handle_id of its client's requests */
CARDEA_API uint64_t cardea_handle_id(const struct cardea_handle *h);
/** borrowed; may be NULL */
CARDEA_API const char *cardea_opaque_id(const struct cardea_handle *h);
/** Is the PeerConnection up (ICE and DTLS done)? */
CARDEA_API bool cardea_is_up(const struct cardea_handle *h);
/** Is an offer of ours waiting for the client's answer? */
CARDEA_API bool cardea_offer_pending(const struct cardea_handle *h);
/** Close the PeerConnection; the client gets `hangup` with "Close PC". Without one: nothing. */
CARDEA_API void cardea_close(struct cardea_handle *h);
/** End the handle itself; the client gets `detached`. Takes effect when the present hook
 *  returns. */
CARDEA_API void cardea_end(struct cardea_handle *h);
/** Peers with the same key are kept together on one worker as long as they are few. Before the
 *  first description. 0: anywhere. */
CARDEA_API void cardea_place(struct cardea_handle *h, uint64_t key);
/** Whose it is: the same number for all that one address has made (of IPv6 one /64), so that it can
 *  have its share of what there is. 0: this machine's, where gateways are, or of an address that is
 *  not known: anybody's. */
CARDEA_API uint64_t cardea_whose(const struct cardea_handle *h);
/** Are tokens on in the core, signed or stored ones? */
CARDEA_API bool cardea_has_tokens(void);
/** … and signed ones at that, which can name a room? */
CARDEA_API bool cardea_has_signed_tokens(void);
/** Does a signed token allow @p descriptor ("room=1234") in the realm of this plugin (its package,
 *  either spelling)? Stored tokens know no descriptors: those that may use the plugin allow all of
 *  them.
 *  @return false also when it is NULL, invalid, expired or not known; true when tokens are off in
 *  the core. */
CARDEA_API bool cardea_token_allows(const char *token, const char *realm, const char *descriptor);
/** The STUN and TURN servers that a client is to be told of, with fresh credentials for it: an
 *  array for the `iceServers` of RTCPeerConnection, empty where none are configured. Never waits:
 *  while a TURN REST backend has yet to answer, there is STUN alone.
 *  @param user second part of the username, as it shows in the TURN server's log: what is not of
 *  A-Z a-z 0-9 . _ @ -
 *         becomes '_', and 64 bytes are used; NULL or "": a random one
 *  @return new reference */
CARDEA_API json_t *cardea_ice_servers(const char *user);
