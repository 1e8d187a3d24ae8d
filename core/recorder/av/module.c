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
};
