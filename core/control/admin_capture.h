/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Life of the Admin API's requests that capture packets, for a file may take its time to open.
 * control.c ends it. Control thread. */

/** No file that is being opened begins a capture any more. Before work_stop(). */
void admin_capture_stop(void);
