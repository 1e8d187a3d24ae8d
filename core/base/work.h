/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "err.h"
#include "loop.h"

/** @file
 * Blocking jobs (DNS, files, certificates) on a few pool threads; completion comes back on the loop
 * that asked. A job is pure: it sees only its own argument. */
enum err work_start(struct loop *home, unsigned n_threads, unsigned max_jobs);
/** Waits for running jobs; those not begun are dropped after their done(…, true). */
void work_stop(void);
/** Run @p job(arg) on a pool thread, then @p done(arg, cancelled) on the home loop. Home thread
 *  only. ERR_FULL: too many wait; nothing is called. */
enum err work_run(void (*job)(void *arg), void (*done)(void *arg, bool cancelled), void *arg);
