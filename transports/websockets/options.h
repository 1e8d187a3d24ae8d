/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/transport.h>

/** @file
 * The options of cardea.transport.websockets.jcfg, as a table: the core checks the file by it
 * before websockets.c is started. */
extern const struct cardea_section websockets_options[];
