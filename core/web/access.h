/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "head.h"
#include "listen.h"
#include "../base/net.h"

/** @file
 * Who may come in: the one check that every request passes, for whatever is mounted where it
 * goes. In this order: the address (through proxies that are trusted), the lists of addresses, the
 * Host, the Origin. Configured before the web thread runs; web thread from then on. */

/** @param option of the section `web`, that is wrong  @return NULL, or what is (valid until the
 *  next call) */
const char *access_configure(const struct access_conf *c, const char **option);

/** Is it the address of a proxy that is trusted? */
bool access_is_proxy(const char *ip);

/** Who asks. */
struct visitor {
	char ip[NET_TEXT]; /**< the client's, also behind trusted proxies */
	/** the value of Access-Control-Allow-Origin: so many bytes; NULL: none */
	const char *allow_origin;
	size_t allow_origin_len;
	const char *reason; /**< why not, as a sentence */
};
#define ACCESS_DROP (-1) /**< close without a word */

/** @param m what is asked for, NULL: what the host serves itself @param ip the peer's
 *  @return 0: come in; ACCESS_DROP; or the status to refuse with */
int access_check(const struct listener *l, const struct mount *m, const char *ip,
	const struct head *h, struct visitor *v);
