/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>
#include "../base/json.h"

/** @file
 * Texts on their way to clients: printed once, shared by reference count. What has JSON to send
 * makes one; transports and the web host drop it. Any thread. */

/** @return the tree as text, with one reference. NULL, which the log tells, when there is no tree
 * or none that JSON can hold: whoever waits is to be told so instead. */
struct cardea_text *text_print(const json_t *tree, enum json_style style);
/** The tree as compact text, but that in the place of the null that it ends with, as in
 *  {"a":{"data":null}}, stands @p inner, which is JSON. */
struct cardea_text *text_around(const json_t *tree, const char *inner, size_t inner_len);
