/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../rtc/msg.h"
#include "handle.h"

/** @file
 * The picture of a handle that the Admin API shows. Control thread. */

/** What a worker has told about a peer. */
struct peer_report {
	struct peer_stats stats; /**< its tracks are those of the last report only */
	unsigned n_tracks;
	struct track_stats *tracks; /**< all of them; owned (g_free) */
};

/** The `info` object; new reference. @param report NULL: the worker was not asked or has not
 * answered */
json_t *handle_info(struct cardea_handle *h, bool plugin_only, const struct peer_report *report);
