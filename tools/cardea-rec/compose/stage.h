/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "film_scene.h"
#include <libavutil/frame.h>

/** @file
 * The film's picture: tiles with pictures, names, and who speaks. What has not changed is not drawn
 * again. */
struct stage;
/** @param plan borrowed. @return NULL: no memory */
struct stage *stage_new(const struct film_plan *plan, int width, int height);
/** From now on it is this scene, without pictures yet. */
void stage_set(struct stage *s, const struct film_scene *scene);
/** @param f what is in tile @p i; NULL: its name alone */
void stage_show(struct stage *s, unsigned i, const AVFrame *f);
/** Two lines on an empty picture. */
void stage_card(struct stage *s, const char *title, const char *line);
/** @return borrowed; others may have references to it, and keep what they see */
AVFrame *stage_picture(struct stage *s);
void stage_free(struct stage *s); /**< NULL is fine. */
