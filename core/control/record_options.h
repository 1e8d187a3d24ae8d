/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * Section `recordings` of cardea.jcfg. Control thread. */
struct record_settings {
	enum cardea_record_format format; /**< never CARDEA_RECORD_CONFIGURED */
	const char *folder;  /**< of plugins that name none; NULL: recordings/ in state_dir */
	int64_t sync_us;     /**< between two fdatasync() of a file */
	size_t queue_bytes;  /**< that may wait for the disk */
	uint64_t min_free;   /**< bytes; 0: any */
	uint64_t max_bytes;  /**< of one recording; 0: any */
	unsigned max_s;      /**< likewise */
	int64_t keep_s;      /**< so long; 0: for ever */
	uint64_t keep_bytes; /**< of a folder; 0: any */
	const char *hook;    /**< command; NULL: none */
};
extern const struct cardea_field record_options[];
/** @param a of the section */
void record_options_read(struct record_settings *s, const struct cardea_args *a);
