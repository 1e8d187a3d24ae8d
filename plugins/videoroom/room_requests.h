/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * Requests about rooms, of whoever manages or looks for one; a handler each. */
bool on_create(struct cardea_call *c);
bool on_edit(struct cardea_call *c);
bool on_destroy(struct cardea_call *c);
bool on_exists(struct cardea_call *c);
bool on_list(struct cardea_call *c);
bool on_allowed(struct cardea_call *c);
