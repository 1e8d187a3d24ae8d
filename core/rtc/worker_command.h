/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "msg.h"
#include "worker_state.h"

/** @file
 * What control tells a worker to do (msg.h): for one of its peers, or for all of it. The worker's
 * thread. */
#define CMD_STOP 0x8000u /**< behind all of enum cmd_type: close everything and stop */

/** A struct cmd from its queue. */
void worker_command(void *worker, const void *cmd, size_t len);
/** Show the counters at /metrics. Once. */
void worker_command_metrics(void);
