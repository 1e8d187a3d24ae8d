/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Values of the media side that change while it runs: admin_media.c sets them, the workers are
 * told, each as soon as it has room for the message. Control thread. */
struct loop;

void tune_start(struct loop *loop);
void tune_stop(void); /**< Not started: fine. */
/** `settings.rtc.router` has other values for what a router_tuning has: let all workers know. */
void tune_workers(void);
