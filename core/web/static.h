/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "answer.h"

/** @file
 * The pages: files below one folder, read when asked for; what no mount serves comes here from
 * exchange.c. Web thread. */

/** Answer a request for @p path (decoded, begins with '/').
 *  @param method only GET and HEAD are allowed
 *  @param root the folder; NULL: there are no pages
 *  @param etag the If-None-Match header, or "" */
void static_serve(
	struct answer *a, const char *root, const char *method, const char *path, const char *etag);
