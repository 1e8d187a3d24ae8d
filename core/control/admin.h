/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "dispatch.h"

/** @file
 * The Admin API. Control thread. */

struct loop;

void admin_start(struct loop *loop);
void admin_stop(void); /**< Nobody gets an answer any more. Before work_stop(). */
/** Handle a request that came in on an admin endpoint. */
void admin_request(struct request *r);
