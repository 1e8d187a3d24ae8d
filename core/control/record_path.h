/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>
#include "../recorder/rec_msg.h"

/** @file
 * Where a recording may go: names that clients give never leave the folder that was said. Control
 * thread. */

/** @param dir NULL or "": the folder that is configured
 *  @param name a path within it; one that begins with / has to lead into it
 *  @param folder the folder that nothing may leave. @return false with @p e filled (code 0) */
bool record_path(const char *dir, const char *name, char out[REC_PATH], char folder[REC_PATH],
	struct cardea_error *e);
/** The folder that is configured. @return false: there is none */
bool record_folder(char folder[REC_PATH]);
/** Can files be made where @p path will be? */
bool record_path_is_writable(const char *path, const char *name, struct cardea_error *e);
