/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/pulse.h"
#include "answer.h"

/** @file
 * /health and /metrics, answered on the web thread from what any thread may read, so that they
 * still answer when another thread is stuck. */

/** @param control the control thread's loop, NULL: not watched
 *  @return false when @p path is neither */
bool health_serve(
	struct answer *a, const struct pulse *control, const char *method, const char *path);
