/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * Recording of what a client of the echo test sends: `record` and `filename`. */
struct echo_record {
	uint64_t id; /**< 0: there is none */
	int audio, video, data;
};
/** The folder, as of the options; borrowed for the life of the plugin. */
void echo_record_folder(const char *dir);
/** Begin. The first m-lines of each kind are recorded; -1: there is none of it.
 *  @param name NULL: one that is made up. @return false with @p e filled */
bool echo_record_start(
	struct cardea_handle *h, struct echo_record *r, const char *name, struct cardea_error *e);
void echo_record_stop(struct echo_record *r);
