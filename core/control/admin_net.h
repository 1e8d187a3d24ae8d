/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Life of the Admin API's requests that look at the network and take their time. control.c begins
 * and ends it. Control thread. */
struct loop;

void admin_net_start(struct loop *loop);
void admin_net_stop(void); /**< Nobody gets an answer any more. Before work_stop(). */
