/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <cardea/json.h>

/** @file
 * Texts of options that can be checked as they stand: lists of addresses, hosts and origins, and
 * paths. machine.c asks it. What does not fit there matches nothing, without a word, for as long
 * as the server runs. Any thread. */

#define ITEMS_WHY 256

/** @param why what is wrong, as a sentence  @param is_error it is nothing to start with
 *  @return whether @p text is what options of this kind take; true for kinds that need the machine
 * to tell */
bool items_fit(enum cardea_names kind, const char *text, char why[ITEMS_WHY], bool *is_error);
