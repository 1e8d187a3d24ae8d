/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../base/conf_check.h"

/** @file
 * The options of cardea.jcfg as tables, which check the file and write conf/cardea.jcfg and
 * docs/api.md; options.h has what they come to. */
#define OPTION_PORT_MAX     65535
#define OPTION_CANDIDATES_S 45 /**< candidates_timeout, when absent or 0 */

extern const struct cardea_section core_options[];
