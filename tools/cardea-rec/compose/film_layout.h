/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** @file
 * Where tiles are in a picture. All numbers are even, as chroma has half of the pixels. */
struct film_box {
	int x, y, w, h;
};

#define FILM_STRIP 5  /* tiles beside a large one */
#define FILM_TILES 25 /* of a grid */

/** Box @p i of @p n (at most FILM_TILES) of the same size: rows and columns, the last row in the
 *  middle. */
struct film_box film_layout_grid(int width, int height, unsigned n, unsigned i);
/** Box @p i of a large one (0) and a strip of @p n - 1 (at most FILM_STRIP) at its right. */
struct film_box film_layout_strip(int width, int height, unsigned n, unsigned i);
/** The largest box within @p in for a picture of @p w × @p h, in its middle. */
struct film_box film_layout_fit(struct film_box in, int w, int h);
