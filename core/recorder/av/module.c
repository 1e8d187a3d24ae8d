/* SPDX-License-Identifier: Apache-2.0 */
#include "../av_load.h"

/* What the module cardea-av.so exports. */
__attribute__((visibility("default"))) const struct av_ops cardea_av = {
	.size = sizeof(struct av_ops),
	.abi = AV_ABI,
	.mux_new = mux_new,
	.mux_write = mux_write,
	.mux_flush = mux_flush,
	.mux_end = mux_end,
	.mux_finish = mux_finish,
	.mux_info = mux_info,
	.demux_open = demux_open,
	.demux_read = demux_read,
	.demux_seek = demux_seek,
	.demux_close = demux_close,
};
