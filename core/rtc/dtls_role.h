/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Our part in the DTLS handshake: agreed on by SDP (a=setup, RFC 8842), told to the worker, which
 * tells the secure thread. */
enum dtls_role {
	DTLS_UNDECIDED, /**< no description of the peer's yet: who speaks first decides */
	DTLS_CLIENT,    /**< active */
	DTLS_SERVER,    /**< passive */
};
