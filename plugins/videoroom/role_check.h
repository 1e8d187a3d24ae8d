/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * What a handle may ask for by its role: the first join decides it for life. The table of requests
 * names these; they come before the fields of a request are looked at.
 * @return false with the error filled: 423, 424, 425, 426 */
bool must_be_new(struct cardea_call *c);
bool must_be_in(struct cardea_call *c);
bool must_publish(struct cardea_call *c);
bool must_subscribe(struct cardea_call *c);
