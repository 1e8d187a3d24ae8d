/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include "canvas.h"

/** @file
 * Texts as pictures, by libavfilter's drawtext: with the fonts that fontconfig knows, or else one
 * that lies where fonts do. */

/** @param size of the font, pixels
 *  @param width at most; what is longer fades out
 *  @return false: there is no font here, or it has nothing to show */
bool label_draw(struct canvas_mask *m, const char *text, int size, int width);
void label_free(struct canvas_mask *m); /**< What was never drawn is fine. */
/** Is there a font at all? */
bool label_has_font(void);
