/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** @file
 * What a file is, by its ending. Pure. */

/** The media type; "application/octet-stream" for what is not known. */
const char *type_of(const char *path);
