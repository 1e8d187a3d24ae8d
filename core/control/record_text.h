/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/** @file
 * The part of the plugin SDK that is about what stands beside recordings: texts, which the
 * recorder's thread writes in the order in which they were given, and files that are to be gone.
 * Control thread. */

struct cardea_plugin;

/** The recorder has said REC_REP_REMOVED. */
void record_text_removed(uint64_t number);
/** A plugin waits no more, for it has stopped. @param of NULL: none does */
void record_text_forget(const struct cardea_plugin *of);
