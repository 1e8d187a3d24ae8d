/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/run.h>

/** @file
 * Jobs that plugins have done on the pool (cardea/run.h). Control thread. */
struct cardea_plugin;

/** It has ended: what it has asked for comes back as cancelled. */
void plugin_jobs_end(const struct cardea_plugin *of);
