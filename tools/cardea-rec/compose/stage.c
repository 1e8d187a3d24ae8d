/* SPDX-License-Identifier: Apache-2.0 */
#include <libswscale/swscale.h>
#include <string.h>
#include "label.h"
#include "stage.h"

#define BORDER      4 /* around who speaks */
#define LABEL_SHADE 150
#define MAX_LABELS  256 /* kept; of more people they are drawn again */

static const struct canvas_colour ground = { 24, 130, 126 }, dark = { 38, 132, 126 },
				  light = { 150, 60, 90 };

struct place {
	struct SwsContext *scaler;
	AVFrame *scaled;
	int64_t pts; /* of what is shown */
	bool is_drawn, has_picture;
	struct film_box at; /* of the picture in the tile */
};
struct name {
	struct canvas_mask mask;
	unsigned person;
	int size, width;
};

struct stage {
	const struct film_plan *plan;
	AVFrame *canvas;
	struct film_scene scene;
	struct place places[FILM_TILES];
	struct name names[MAX_LABELS];
	unsigned next_name;
};

static void free_place(struct place *p)
{
	sws_freeContext(p->scaler);
	av_frame_free(&p->scaled);
	*p = (struct place){ 0 };
}

void stage_free(struct stage *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < FILM_TILES; i++)
		free_place(&s->places[i]);
	for (unsigned i = 0; i < MAX_LABELS; i++)
		label_free(&s->names[i].mask);
	av_frame_free(&s->canvas);
	g_free(s);
}

static struct film_box whole(const struct stage *s)
{
	return (struct film_box){ 0, 0, s->canvas->width, s->canvas->height };
}

struct stage *stage_new(const struct film_plan *plan, int width, int height)
{
	struct stage *s = g_new0(struct stage, 1);
	s->plan = plan;
	if (!(s->canvas = canvas_new(width, height))) {
		g_free(s);
		return NULL;
	}
	canvas_fill(s->canvas, whole(s), ground);
	return s;
}

/* ---- names ---- */

static const struct canvas_mask *name_of(struct stage *s, unsigned person, int size, int width)
{
	struct name *n = NULL;
	for (unsigned i = 0; i < MAX_LABELS; i++) {
		n = &s->names[i];
		if (n->person == person && n->size == size && n->width == width)
			return &n->mask;
	}
	n = &s->names[s->next_name++ % MAX_LABELS];
	label_free(&n->mask);
	*n = (struct name){ .person = person, .size = size, .width = width };
	label_draw(&n->mask, s->plan->index.people[person].name, size, width);
	return &n->mask;
}

static int size_of(const struct stage *s, const struct film_box *tile)
{
	int by_film = s->canvas->height / 30, by_tile = tile->h / 6;
	int size = by_tile < by_film ? by_tile : by_film;
	return size < 10 ? 10 : size;
}

/* At the foot of a picture; in the middle, and larger, where there is none. */
static void draw_name(struct stage *s, const struct film_tile *t, bool has_picture)
{
	int size = size_of(s, &t->box) * (has_picture ? 1 : 2);
	const struct canvas_mask *m = name_of(s, t->person, size, t->box.w);
	struct film_box b = t->box;
	if (!m->bytes || m->h > b.h)
		return;
	b.w = m->w;
	b.h = m->h;
	b.y += has_picture ? t->box.h - m->h : (t->box.h - m->h) / 2 & ~1;
	b.x += has_picture ? 0 : (t->box.w - m->w) / 2 & ~1;
	canvas_text(s->canvas, b, m, has_picture ? LABEL_SHADE : 0);
}

/* ---- pictures ---- */

/* Cameras of browsers are of limited range; what says that it is not is brought there. */
static void set_range(struct SwsContext *sws, const AVFrame *f)
{
	const int *matrix = sws_getCoefficients(SWS_CS_DEFAULT);
	bool is_full = f->color_range == AVCOL_RANGE_JPEG || f->format == AV_PIX_FMT_YUVJ420P;
	sws_setColorspaceDetails(sws, matrix, is_full, matrix, 0, 0, 1 << 16, 1 << 16);
}

/* @return of the size of @p b, borrowed; NULL: it cannot be shown */
static const AVFrame *fitted(struct place *p, const AVFrame *f, const struct film_box *b, int how)
{
	if (f->width == b->w && f->height == b->h && f->format == AV_PIX_FMT_YUV420P)
		return f;
	p->scaler = sws_getCachedContext(p->scaler, f->width, f->height, f->format, b->w, b->h,
		AV_PIX_FMT_YUV420P, how, NULL, NULL, NULL);
	if (p->scaled && (p->scaled->width != b->w || p->scaled->height != b->h))
		av_frame_free(&p->scaled);
	if (!p->scaler || (!p->scaled && !(p->scaled = canvas_new(b->w, b->h))))
		return NULL;
	set_range(p->scaler, f);
	sws_scale(p->scaler, (const uint8_t *const *)f->data, f->linesize, 0, f->height,
		p->scaled->data, p->scaled->linesize);
	return p->scaled;
}

static void draw_picture(struct stage *s, unsigned i, const AVFrame *f)
{
	const struct film_tile *t = &s->scene.tiles[i];
	struct place *p = &s->places[i];
	AVRational pixel = f->sample_aspect_ratio.num > 0 && f->sample_aspect_ratio.den > 0
				   ? f->sample_aspect_ratio
				   : (AVRational){ 1, 1 };
	AVRational shape = av_mul_q((AVRational){ f->width, f->height }, pixel);
	struct film_box b = film_layout_fit(t->box, shape.num, shape.den);
	if (!p->is_drawn || !p->has_picture || memcmp(&b, &p->at, sizeof b) != 0)
		canvas_fill(s->canvas, t->box, dark);
	p->at = b;
	f = fitted(p, f, &b, t->is_screen ? SWS_BICUBIC : SWS_BILINEAR);
	if (f)
		canvas_copy(s->canvas, b, f);
}

void stage_show(struct stage *s, unsigned i, const AVFrame *f)
{
	const struct film_tile *t = &s->scene.tiles[i];
	struct place *p = &s->places[i];
	if (p->is_drawn && p->has_picture == !!f && (!f || p->pts == f->pts))
		return;
	if (av_frame_make_writable(s->canvas) < 0)
		return;
	if (f)
		draw_picture(s, i, f);
	else
		canvas_fill(s->canvas, t->box, dark);
	draw_name(s, t, f);
	if (t->is_speaker && s->scene.n > 1)
		canvas_frame(s->canvas, t->box, BORDER, light);
	p->is_drawn = true;
	p->has_picture = f;
	p->pts = f ? f->pts : 0;
}

void stage_set(struct stage *s, const struct film_scene *scene)
{
	s->scene = *scene;
	for (unsigned i = 0; i < FILM_TILES; i++)
		if (i < scene->n)
			s->places[i].is_drawn = false;
		else
			free_place(&s->places[i]);
	if (av_frame_make_writable(s->canvas) >= 0)
		canvas_fill(s->canvas, whole(s), ground);
}

/* ---- a card ---- */

static void draw_line(struct stage *s, const char *text, int size, int y)
{
	struct canvas_mask m;
	struct film_box b = { .y = y & ~1 };
	if (!label_draw(&m, text, size, s->canvas->width))
		return;
	b.w = m.w;
	b.h = m.h;
	b.x = (s->canvas->width - m.w) / 2 & ~1;
	canvas_text(s->canvas, b, &m, 0);
	label_free(&m);
}

void stage_card(struct stage *s, const char *title, const char *line)
{
	int h = s->canvas->height;
	if (av_frame_make_writable(s->canvas) < 0)
		return;
	canvas_fill(s->canvas, whole(s), ground);
	draw_line(s, title, h / 12, h * 2 / 5);
	if (*line)
		draw_line(s, line, h / 26, h * 2 / 5 + h / 6);
}

AVFrame *stage_picture(struct stage *s)
{
	return s->canvas;
}
