/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * What a handle may ask for by its role: the first join decides it for life. Judged before the
 * fields of a request.
 * @return false with the error filled: 423, 424, 425, 426 */
bool role_none(struct cardea_call *c);
bool role_publisher(struct cardea_call *c);
bool role_subscriber(struct cardea_call *c);
bool role_any(struct cardea_call *c);
