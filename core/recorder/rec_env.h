/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/metric.h"
#include "file.h"
#include "rec_msg.h"

/** @file
 * What recordings have of the thread that they are on. */
struct rec_env {
	const struct rec_disk *io;
	const char *const *folders; /**< that are protected, NULL at the end; NULL: none */
	int64_t sync_us;            /**< between two fdatasync() of a file */
	void (*tell)(const struct rec_rep *r); /**< control */
};

extern struct metric rec_recordings, rec_frames, rec_broken, rec_bytes, rec_shed;
void rec_show_metrics(void); /**< Once they are wanted; more often is fine. */
