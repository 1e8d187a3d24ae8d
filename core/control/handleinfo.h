/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The picture of a handle that the Admin API shows. stats_query.c asks the worker first and calls
 * it; its parts are in handleinfo_media.c and handleinfo_transport.c. Control thread. */
struct peer_report;

/** The `info` object; new reference. @param report NULL: the worker was not asked or has not
 * answered */
json_t *handle_info(struct cardea_handle *h, bool plugin_only, const struct peer_report *report);
