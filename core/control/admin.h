/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "dispatch.h"

/** @file
 * The Admin API. Control thread. */

/** Handle a request that came in on an admin endpoint. */
void admin_request(struct request *r);
