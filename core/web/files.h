/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>
#include "answer.h"
#include "head.h"

/** @file
 * Files that are offered one by one, each under an address that nobody can guess:
 * /files/<key>/<name>. Whoever knows it may read the file, whole or in parts (RFC 9110, 14); with
 * "?download" it is to be kept rather than shown. They are read as the network takes them, so that
 * the size costs no memory. */
#define FILES_PATH "/files/"
#define FILES_KEY  32 /**< characters of a key */

/** Offer a file; what was offered with this key before is no more. Any thread.
 *  @param path of the file, which is no link */
void files_offer(const char key[FILES_KEY + 1], const char *path);
void files_withdraw(const char key[FILES_KEY + 1]); /**< Not offered: fine. */

/** Web thread. @return false: the path is none of these */
bool files_serve(struct answer *a, const struct head *h, const char *path);
