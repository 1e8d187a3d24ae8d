/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/err.h"

/** The certificate for HTTPS of a server that was given none. Makes @p dir/web-cert.pem and @p dir/web-key.pem unless
 *  both are there: ECDSA P-256, ten years, for localhost, the host's name and its addresses. Blocks for about a
 *  millisecond; any thread.
 *  @param cert,key at least 512 bytes each: the paths
 *  @param why at least 256 bytes */
enum err selfsigned_ensure(const char *dir, char *cert, char *key, char *why);
