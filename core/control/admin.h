/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "api_request.h"

/** @file
 * The Admin API: who may ask, and which table has the request. dispatch.c calls it; it calls the
 * handlers of the tables (admin_table.h). Control thread. */

/** Handle a request that came in on an admin endpoint. */
void admin_request(struct request *r);
