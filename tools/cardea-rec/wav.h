/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/media.h>
#include "../../core/recorder/file.h"
#include "../../core/recorder/packet.h"

/** @file
 * WAV files of G.711, G.722 and L16. They have no times: where nothing came there is silence, and
 * what comes too early, by a clock that runs fast, is put behind what was before. */
struct wav;
bool wav_holds(enum cardea_codec_id codec);
/** @param file borrowed until wav_end(). @return NULL: no memory, or rec_file_error() */
struct wav *wav_new(struct rec_file *file, enum cardea_codec_id codec, unsigned channels);
enum err wav_write(struct wav *w, const struct rec_frame *f, int64_t us); /**< ERR_IO: the file */
enum err wav_end(struct wav *w); /**< Lengths into the head. Frees. */
