/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "target_file.h"
#include "report.h"

/** @file
 * Ways from one format to another; convert.c chooses. They say what they made, or why not. */

/** @p o's files but the last are MJR, and @p out is none. */
enum status convert_mjr(const struct options *o, const char *out, enum target to);
/** @p in is of a container, and so is @p out. */
enum status convert_media(const struct options *o, const char *in, const char *out, enum target to);
/** @p in is of a container; of several tracks BASE-audio.mjr and BASE-video.mjr are made. */
enum status convert_to_mjr(const struct options *o, const char *in, const char *out);
