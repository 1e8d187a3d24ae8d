/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>

/** @file
 * What the recorder and the finisher say of recordings, and what follows from it: files are
 * finished, hooks are run, plugins are told. Control thread. */

/** A record of their queue. @param rec struct rec_rep */
void recording_report(void *arg, const void *rec, size_t len);
