/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * Name and version of the program, for whoever shows them: the log, `info`, requests to backends.
 * Uses nothing. */

#define PRODUCT "Cardea"

const char *product_version(void); /**< "0.1.0" */
