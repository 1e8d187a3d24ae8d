/* SPDX-License-Identifier: Apache-2.0 */
/* 1280×720, three tiles: two columns and two rows of 640×360, the third at (320, 360), less the
 * gap around each. A large one with a strip: 1024×720, and 256×144 for each at the right. */
#include <stdint.h>
#include "film_layout.h"

#define GAP 4 /* around each tile */

static int even(int64_t n)
{
	return (int)(n & ~INT64_C(1));
}

static struct film_box with_gap(int x, int y, int w, int h)
{
	return (struct film_box){ even(x) + GAP, even(y) + GAP, even(w) - 2 * GAP,
		even(h) - 2 * GAP };
}

struct film_box film_layout_grid(int width, int height, unsigned n, unsigned i)
{
	unsigned columns = 1, rows, in_row;
	int w, h;
	while (columns * columns < n)
		columns++;
	rows = (n + columns - 1) / columns;
	w = width / (int)columns;
	h = height / (int)rows;
	in_row = i / columns == rows - 1 ? n - (rows - 1) * columns : columns;
	if (n == 1)
		return (struct film_box){ 0, 0, width, height };
	return with_gap((width - (int)in_row * w) / 2 + (int)(i % columns) * w,
		(int)(i / columns) * h, w, h);
}

struct film_box film_layout_strip(int width, int height, unsigned n, unsigned i)
{
	int w = even(width / FILM_STRIP), h = even(height / FILM_STRIP);
	if (n == 1)
		return (struct film_box){ 0, 0, width, height };
	if (i == 0)
		return with_gap(0, 0, width - w, height);
	return with_gap(width - w, (height - (int)(n - 1) * h) / 2 + (int)(i - 1) * h, w, h);
}

struct film_box film_layout_fit(struct film_box in, int w, int h)
{
	struct film_box b = in;
	if (w <= 0 || h <= 0)
		return b;
	if ((int64_t)in.w * h > (int64_t)in.h * w)
		b.w = even((int64_t)in.h * w / h);
	else
		b.h = even((int64_t)in.w * h / w);
	b.w = b.w < 2 ? 2 : b.w;
	b.h = b.h < 2 ? 2 : b.h;
	b.x += even((in.w - b.w) / 2);
	b.y += even((in.h - b.h) / 2);
	return b;
}
