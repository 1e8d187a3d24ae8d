/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "av/mux.h"

/** @file
 * The module cardea-av.so, which alone needs libavformat: loaded when something is recorded or
 * played first, and then kept. */
#define AV_ABI    1
#define AV_SYMBOL "cardea_av"

/** The functions of av/mux.h, of the same names. */
struct av_ops {
	size_t size;
	uint32_t abi; /**< AV_ABI */
	struct mux *(*mux_new)(const struct mux_conf *conf, const struct mux_track *tracks,
		unsigned n, char *why, size_t size);
	enum err (*mux_write)(struct mux *m, unsigned track, const struct rec_frame *f, int64_t us);
	enum err (*mux_flush)(struct mux *m);
	enum err (*mux_end)(struct mux *m);
	enum err (*mux_finish)(const char *from, struct rec_file *to, enum mux_container c,
		bool (*progress)(void *arg, double done), void *arg, char *why, size_t size);
	enum err (*mux_info)(
		const char *path, bool deep, struct mux_info *out, char *why, size_t size);
	struct demux *(*demux_open)(
		const char *path, struct mux_info *info, char *why, size_t size);
	enum err (*demux_read)(struct demux *d, unsigned *track, struct rec_frame *f, int64_t *us);
	enum err (*demux_seek)(struct demux *d, int64_t us);
	void (*demux_close)(struct demux *d);
};

/** Any thread; the first call takes some tenths of a second, and 5 MB. What failed is tried again
 *  at the next.
 *  @param path of the module; NULL: where this program was built or installed
 *  @return NULL: @p why says so, in a sentence */
const struct av_ops *av_load(const char *path, char *why, size_t size);
