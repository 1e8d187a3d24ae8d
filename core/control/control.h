/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/conf.h"
#include "../base/err.h"

/** @file
 * The door of the control side. Order of a start: settings are read, control_start(), rtc_start()
 * with worker_reports(), plugins and transports are loaded, the web host starts. Of an end:
 * web_stop(), control_stop(), rtc_stop(), control_free(). */
struct loop;

/** Make all tables and attach the queues to @p loop. Strings of the global `settings` and @p conf
 * are borrowed. */
enum err control_start(struct loop *loop, struct conf *conf);
/** End transports, sessions and plugins, in this order. */
void control_stop(void);
/** Free what may still be reported to, once the workers are gone. */
void control_free(void);
