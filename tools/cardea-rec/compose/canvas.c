/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "canvas.h"

AVFrame *canvas_new(int width, int height)
{
	AVFrame *c = av_frame_alloc();
	if (!c)
		return NULL;
	c->format = AV_PIX_FMT_YUV420P;
	c->width = width;
	c->height = height;
	if (av_frame_get_buffer(c, 64) < 0)
		av_frame_free(&c);
	return c;
}

static uint8_t *row(const AVFrame *c, int plane, int x, int y)
{
	int half = plane ? 1 : 0;
	return c->data[plane] + (ptrdiff_t)c->linesize[plane] * (y >> half) + (x >> half);
}

void canvas_fill(AVFrame *c, struct film_box b, struct canvas_colour colour)
{
	const uint8_t values[] = { colour.y, colour.u, colour.v };
	for (int plane = 0; plane < 3; plane++)
		for (int y = 0, step = plane ? 2 : 1; y < b.h; y += step)
			memset(row(c, plane, b.x, b.y + y), values[plane],
				(size_t)(plane ? b.w / 2 : b.w));
}

void canvas_copy(AVFrame *c, struct film_box b, const AVFrame *from)
{
	for (int plane = 0; plane < 3; plane++)
		for (int y = 0, step = plane ? 2 : 1; y < b.h; y += step)
			memcpy(row(c, plane, b.x, b.y + y), row(from, plane, 0, y),
				(size_t)(plane ? b.w / 2 : b.w));
}

void canvas_frame(AVFrame *c, struct film_box b, int thick, struct canvas_colour colour)
{
	canvas_fill(c, (struct film_box){ b.x, b.y, b.w, thick }, colour);
	canvas_fill(c, (struct film_box){ b.x, b.y + b.h - thick, b.w, thick }, colour);
	canvas_fill(c, (struct film_box){ b.x, b.y, thick, b.h }, colour);
	canvas_fill(c, (struct film_box){ b.x + b.w - thick, b.y, thick, b.h }, colour);
}

/* Below the text the picture fades to black by shade, then the text comes to white by the mask. */
static uint8_t blended(int value, int black, int white, int shade, int mask)
{
	value += (black - value) * shade / 255;
	return (uint8_t)(value + (white - value) * mask / 255);
}

void canvas_text(AVFrame *c, struct film_box b, const struct canvas_mask *m, int shade)
{
	int w = m->w < b.w ? m->w : b.w, h = m->h < b.h ? m->h : b.h;
	for (int y = 0; y < h; y++) {
		const uint8_t *mask = m->bytes + (ptrdiff_t)m->w * y;
		uint8_t *luma = row(c, 0, b.x, b.y + y);
		uint8_t *u = row(c, 1, b.x, b.y + y), *v = row(c, 2, b.x, b.y + y);
		for (int x = 0; x < w; x++)
			luma[x] = blended(luma[x], 16, 235, shade, mask[x]);
		for (int x = 0; y % 2 == 0 && x < w / 2; x++) {
			u[x] = blended(u[x], 128, 128, shade, mask[2 * x]);
			v[x] = blended(v[x], 128, 128, shade, mask[2 * x]);
		}
	}
}
