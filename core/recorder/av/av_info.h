/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavformat/avformat.h>
#include "mux.h"

/** @file
 * What the head of an open file says, as struct mux_info. */
void av_info_of(const AVFormatContext *fmt, struct mux_info *out);
