/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * A request by its method and path: from the web host to the core, or to an answer of our own. Web
 * thread. */

/** One API at its place. */
struct endpoint {
	const struct cardea_transport *transport; /**< ours */
	bool admin;
	char base[256]; /**< the path, without a slash at its end */
};

/** All HTTP clients are one client of the core: there are no connections to own a session. */
#define HTTP_CLIENT 1

/** Answer, or hand to the core. */
void request_serve(const struct endpoint *ep, const struct cardea_web_request *r);
