/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "room.h"

/** @file
 * Publishing: an offer becomes streams, and the others hear of them. Above publisher_answer.h and
 * publisher_configure.h. */

bool publisher_request(struct cardea_call *c, struct publisher *p); /**< configure, publish */
/** Take one stream away; the m-line stays. */
void publisher_drop_stream(struct publisher *p, unsigned mindex);
void publisher_connected(struct publisher *p);
