/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Where recordings are, or may be: what a crash has left there is finished at the start, and what
 * is too old removed each hour. They are remembered in the state_dir. Control thread. */
struct loop;

void recording_folders_start(struct loop *loop);
void recording_folders_stop(void);
/** There may be recordings there. Before the start nothing happens. */
void recording_folders_add(const char *folder);
