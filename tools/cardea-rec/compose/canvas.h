/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libavutil/frame.h>
#include <stdint.h>
#include "film_layout.h"

/** @file
 * A picture in YUV 4:2:0 that is drawn on. Boxes lie within it, and have even numbers. */
struct canvas_colour {
	uint8_t y, u, v;
};
/** What is put on a picture: how much of each pixel is white, 0…255. */
struct canvas_mask {
	uint8_t *bytes; /* w * h */
	int w, h;       /* even */
};

AVFrame *canvas_new(int width, int height); /**< NULL: no memory */
void canvas_fill(AVFrame *c, struct film_box b, struct canvas_colour colour);
/** @param from of the size of @p b at least */
void canvas_copy(AVFrame *c, struct film_box b, const AVFrame *from);
/** A line of @p thick pixels along the inner side of @p b. */
void canvas_frame(AVFrame *c, struct film_box b, int thick, struct canvas_colour colour);
/** White text.
 *  @param shade how much of the picture is darkened below it, 0…255
 *  @param b what of the mask does not fit is left out */
void canvas_text(AVFrame *c, struct film_box b, const struct canvas_mask *m, int shade);
