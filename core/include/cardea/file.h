/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/json.h>

/** @file
 * Files over HTTP. Control thread. */

#define CARDEA_FILE_URL 160 /**< bytes of an address, with its end */
/** Offer a file on the ports of `web`, under an address that nobody can guess: who knows it may
 *  read the file, whole or in parts (Range, RFC 9110), until it is withdrawn.
 *  @param path of a file; it is looked for when it is asked for, and need not be there yet
 *  @param url set to the address, "/files/…", which ends in the file's name */
CARDEA_API void cardea_file_offer(const char *path, char url[CARDEA_FILE_URL]);
CARDEA_API void cardea_file_withdraw(const char *url); /**< Not offered: fine. */
